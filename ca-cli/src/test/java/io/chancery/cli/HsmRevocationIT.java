package io.chancery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CRLReason;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code chancery hsm sign-crl}: what a root's list names, and what it does not let slip. */
@ExtendWith(SoftHsmExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class HsmRevocationIT {
    private static final Instant LATER = HsmShell.NOW.plus(Duration.ofDays(30));

    @TempDir
    private Path folder;

    private SoftHsmToken token;
    private HsmShell shell;
    /** The root's, another one for each test. */
    private String root;

    @BeforeEach
    void root(SoftHsmToken given, TestInfo test) throws Exception {
        token = given;
        shell = new HsmShell(given);
        root = "root-" + Integer.toHexString(test.getDisplayName().hashCode());
        shell.done("keygen", root, "--algorithm", "ec-p384");
        pem("root.crt", shell.done("selfsign", root, "--subject", "CN=Root", "--path-length", "1"));
    }

    private Path pem(String name, String text) throws Exception {
        return Files.writeString(folder.resolve(name), text, StandardCharsets.US_ASCII);
    }

    /** Of the same key each time: what is revoked is a certificate, not a key. */
    private Path intermediate(String name) throws Exception {
        String key = "below-" + root;
        if (!shell.done("list", key).contains("object=" + key)) {
            shell.done("keygen", key);
        }
        Path csr = pem(name + ".csr", shell.done("csr", key, "--subject", "CN=" + name));
        return pem(name + ".crt", shell.done("sign-intermediate", root, csr.toString()));
    }

    private static X509Certificate certificate(Path file) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(file)));
    }

    private HsmShell.Result signCrl(Instant now, String... more) {
        List<String> words = new ArrayList<>(List.of("hsm", "sign-crl", "--kms", token.uri(root)));
        words.addAll(List.of(more));
        return HsmShell.at(now, words.toArray(String[]::new));
    }

    private Path listed(String name, Instant now, String... more) throws Exception {
        HsmShell.Result result = signCrl(now, more);
        assertThat(result.exitCode()).as(result.err()).isZero();
        return pem(name, result.out());
    }

    private X509CRL list(Path file) throws Exception {
        X509CRL list = (X509CRL)
                CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(Files.readAllBytes(file)));
        list.verify(certificate(folder.resolve("root.crt")).getPublicKey());
        return list;
    }

    private static BigInteger number(X509CRL list) {
        return ASN1Integer.getInstance(ASN1OctetString.getInstance(list.getExtensionValue("2.5.29.20"))
                        .getOctets())
                .getValue();
    }

    private void assertRefused(String why, String... words) {
        HsmShell.Result result = signCrl(HsmShell.NOW, words);
        assertThat(result.exitCode()).as(result.err()).isNotZero();
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).contains(why).doesNotContain("\tat ");
    }

    @Test
    void an_intermediate_is_revoked_and_what_was_revoked_before_stays() throws Exception {
        Path one = intermediate("one");
        Path two = intermediate("two");
        Path first = listed("first", HsmShell.NOW, "--first", "--revoke", one.toString(), "--reason=superseded");
        Path second = listed(
                "second",
                LATER,
                "--previous",
                first.toString(),
                "--revoke",
                two.toString(),
                "--revoke",
                one.toString(),
                "--reason",
                "cACompromise",
                "--validity",
                "30d");
        X509CRL list = list(second);
        X509CRLEntry old = list.getRevokedCertificate(certificate(one).getSerialNumber());
        X509CRLEntry added = list.getRevokedCertificate(certificate(two).getSerialNumber());
        assertThat(old.getRevocationDate()).isEqualTo(Date.from(HsmShell.NOW));
        assertThat(old.getRevocationReason()).as("the graver one").isEqualTo(CRLReason.CA_COMPROMISE);
        Path third = listed("third", LATER, "--previous", second.toString(), "--revoke", one.toString());
        assertThat(list(third)
                        .getRevokedCertificate(certificate(one).getSerialNumber())
                        .getRevocationReason())
                .as("unspecified is no graver one")
                .isEqualTo(CRLReason.CA_COMPROMISE);
        assertThat(added.getRevocationDate()).isEqualTo(Date.from(LATER));
        assertThat(added.getRevocationReason()).isEqualTo(CRLReason.CA_COMPROMISE);
        assertThat(list.getNextUpdate()).isEqualTo(Date.from(LATER.plus(Duration.ofDays(30))));
        assertThat(number(list)).isGreaterThan(number(list(first)));
    }

    @Test
    void a_list_lasts_longer_with_nothing_added_and_its_number_rises_within_one_second() throws Exception {
        Path one = listed(
                "one", HsmShell.NOW, "--first", "--revoke", intermediate("x").toString());
        byte[] der = list(one).getEncoded();
        Path asDer = Files.write(folder.resolve("one.der"), der);
        X509CRL next = list(listed("two", HsmShell.NOW, "--previous", asDer.toString()));
        assertThat(next.getRevokedCertificates()).hasSize(1);
        assertThat(number(next)).isEqualTo(number(list(one)).add(BigInteger.ONE));
        assertThat(list(listed("empty", HsmShell.NOW, "--first")).getRevokedCertificates())
                .isNull();
    }

    @Test
    void a_root_of_RSASSA_PSS_signs_its_lists_as_its_certificate() throws Exception {
        root = "pss-" + root;
        shell.done("keygen", root, "--algorithm", "rsa-2048");
        pem("root.crt", shell.done("selfsign", root, "--subject", "CN=PSS", "--signature-algorithm", "SHA384-RSAPSS"));
        Path first = listed("first", HsmShell.NOW, "--first");
        X509CRL next = list(listed("next", LATER, "--previous", first.toString()));
        assertThat(next.getSigAlgName()).isEqualTo("RSASSA-PSS");
    }

    @Test
    void a_list_that_would_forget_the_one_before_is_not_signed() throws Exception {
        String revoked = intermediate("x").toString();
        assertRefused("--previous", "--revoke", revoked);
        Path before = listed("before", HsmShell.NOW, "--first");
        assertRefused("--first", "--first", "--previous", before.toString(), "--revoke", revoked);
        Path ahead = listed("ahead", LATER, "--first");
        assertRefused("set it right", "--previous", ahead.toString());
        assertRefused("no list of revoked certificates", "--previous", revoked);
        shell.done("keygen", "other-" + root);
        shell.done("selfsign", "other-" + root, "--subject", "CN=Root");
        Path foreign = pem("foreign", shell.done("sign-crl", "other-" + root, "--first"));
        assertRefused("is not by the key of CN=Root", "--previous", foreign.toString());
    }

    @Test
    void only_what_the_key_signed_is_revoked_and_never_its_own_certificate() throws Exception {
        assertRefused(
                "take it out of every store of roots",
                "--first",
                "--revoke",
                folder.resolve("root.crt").toString());
        shell.done("keygen", "stranger-" + root);
        Path stranger = pem("stranger", shell.done("selfsign", "stranger-" + root, "--subject", "CN=Root"));
        assertRefused("is not signed by CN=Root", "--first", "--revoke", stranger.toString());
        assertRefused("is not that of", "--first", "--issuer-cert", stranger.toString());
        assertRefused("at most", "--first", "--validity", "367d");
        assertRefused("cACompromise", "--first", "--reason", "stolen");
        HsmShell.Result expired = signCrl(HsmShell.NOW.plus(Duration.ofDays(4000)), "--first");
        assertThat(expired.exitCode()).isEqualTo(2);
        assertThat(expired.err()).contains("the clock here says");
    }
}
