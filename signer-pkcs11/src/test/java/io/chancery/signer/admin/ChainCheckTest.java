package io.chancery.signer.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.signer.TestPki;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ChainCheckTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    private final KeyPair rootKey;
    private final KeyPair issuingKey;

    ChainCheckTest() throws Exception {
        rootKey = TestPki.ec("secp256r1");
        issuingKey = TestPki.ec("secp256r1");
    }

    /** A certificate that may be spoilt before it is made. */
    private final class Recipe {
        String issuer = "CN=Root";
        String subject = "CN=Issuing";
        KeyPair key = issuingKey;
        Instant from = NOW.minus(Duration.ofDays(1));
        Instant to = NOW.plus(Duration.ofDays(1));
        BasicConstraints constraints = new BasicConstraints(0);
        int usage = KeyUsage.keyCertSign | KeyUsage.cRLSign;

        Recipe root() {
            subject = issuer;
            key = rootKey;
            constraints = new BasicConstraints(1);
            return this;
        }

        X509Certificate made() throws Exception {
            var builder = new JcaX509v3CertificateBuilder(
                    new X500Principal(issuer),
                    BigInteger.TEN,
                    Date.from(from),
                    Date.from(to),
                    new X500Principal(subject),
                    key.getPublic());
            builder.addExtension(Extension.basicConstraints, true, constraints);
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
            byte[] encoded = builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(rootKey.getPrivate()))
                    .getEncoded();
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(encoded));
        }
    }

    private static Finding check(X509Certificate root, X509Certificate... chain) {
        Findings findings = new Findings();
        ChainCheck.run(List.of(chain), List.of(root), NOW, findings);
        assertThat(findings.all()).hasSize(1);
        return findings.all().get(0);
    }

    private static void fails(Finding finding, String text) {
        assertThat(finding.status()).isEqualTo(Finding.Status.FAILED);
        assertThat(finding.found()).contains(text);
        assertThat(finding.todo()).isNotEmpty();
    }

    @Test
    void a_chain_of_CAs_that_are_valid_now_is_well_and_so_is_a_root_that_issues_itself() throws Exception {
        X509Certificate root = new Recipe().root().made();
        assertThat(check(root, new Recipe().made()).status()).isEqualTo(Finding.Status.OK);
        assertThat(check(root, root).status()).isEqualTo(Finding.Status.OK);
        assertThat(check(root, new Recipe().made(), root).status()).isEqualTo(Finding.Status.OK);
    }

    @Test
    void an_intermediate_that_has_ended_or_has_not_begun_is_told_with_its_dates() throws Exception {
        X509Certificate root = new Recipe().root().made();
        Recipe ended = new Recipe();
        ended.to = NOW.minusSeconds(60);
        fails(check(root, ended.made()), ended.to.toString());
        Recipe early = new Recipe();
        early.from = NOW.plusSeconds(60);
        fails(check(root, early.made()), "not now");
    }

    @Test
    void a_root_that_has_ended_is_told_unless_another_one_of_its_key_is_valid() throws Exception {
        Recipe ended = new Recipe().root();
        ended.to = NOW.minusSeconds(60);
        Finding finding = check(ended.made(), new Recipe().made());
        fails(finding, "CN=Root is valid from");
        Findings both = new Findings();
        ChainCheck.run(
                List.of(new Recipe().made()),
                List.of(ended.made(), new Recipe().root().made()),
                NOW,
                both);
        assertThat(both.all().get(0).status()).isEqualTo(Finding.Status.OK);
    }

    @Test
    void what_is_no_CA_or_may_not_sign_or_stands_too_deep_is_told() throws Exception {
        X509Certificate root = new Recipe().root().made();
        Recipe leaf = new Recipe();
        leaf.constraints = new BasicConstraints(false);
        fails(check(root, leaf.made()), "no CA certificate");
        Recipe signsLists = new Recipe();
        signsLists.usage = KeyUsage.cRLSign;
        fails(check(root, signsLists.made()), "keyCertSign");
        Recipe shallow = new Recipe().root();
        shallow.constraints = new BasicConstraints(0);
        fails(check(shallow.made(), new Recipe().made()), "allows 0");
    }

    @Test
    void a_chain_out_of_order_and_one_without_its_root_are_told() throws Exception {
        X509Certificate root = new Recipe().root().made();
        fails(check(root, new Recipe().made(), new Recipe().made()), "broken after");
        Recipe stranger = new Recipe().root();
        stranger.issuer = "CN=Other";
        stranger.subject = "CN=Other";
        fails(check(stranger.made(), new Recipe().made()), "no root of the configuration");
    }
}
