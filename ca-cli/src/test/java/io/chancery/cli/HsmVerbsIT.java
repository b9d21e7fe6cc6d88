package io.chancery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.crypto.SignatureScheme;
import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import io.vertx.core.json.JsonArray;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code chancery hsm …} on a token of SoftHSM. */
@ExtendWith(SoftHsmExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class HsmVerbsIT {
    private static SoftHsmToken token;
    private static HsmShell shell;

    @TempDir
    private Path folder;

    @BeforeAll
    static void token(SoftHsmToken given) {
        token = given;
        shell = new HsmShell(given);
    }

    private static X509Certificate certificate(String pem) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void modules_shows_the_token_without_a_PIN() {
        HsmShell.Result text =
                HsmShell.run("hsm", "modules", "--module", token.modulePath().toString());
        assertThat(text.exitCode()).isZero();
        assertThat(text.out()).contains("token=" + token.label(), "PIN set").doesNotContain("CKM_");
        HsmShell.Result json = HsmShell.run(
                "hsm", "modules", "--json", "--module", token.modulePath().toString());
        assertThat(new JsonArray(json.out()).getJsonObject(0).getString("manufacturer"))
                .isEqualTo("SoftHSM");
        assertThat(json.out()).contains("CKM_ECDSA");
        HsmShell.Result none = HsmShell.run("hsm", "modules", "--module", "/nowhere.so");
        assertThat(none.exitCode()).isEqualTo(1);
        assertThat(none.err()).contains("/nowhere.so", "does not exist").doesNotContain("\tat ");
    }

    @Test
    void a_root_signs_an_intermediates_request_and_both_are_on_the_token() throws Exception {
        assertThat(shell.done("keygen", "root", "--algorithm", "ec-p384")).contains("object=root", "ec-p384");
        X509Certificate root = certificate(
                shell.done("selfsign", "root", "--subject", "CN=Test Root,O=Example", "--path-length", "1"));
        assertThat(root.getBasicConstraints()).isEqualTo(1);
        assertThat(root.getSigAlgName()).isEqualTo("SHA384withECDSA");
        root.verify(root.getPublicKey());

        assertThat(shell.done("keygen", "issuing")).contains("object=issuing");
        Path csr = folder.resolve("issuing.csr");
        Files.writeString(csr, shell.done("csr", "issuing", "--subject", "CN=Test Issuing"));
        String pem = shell.done(
                "sign-intermediate",
                "root",
                csr.toString(),
                "--validity",
                "365d",
                "--permit",
                "dns:example.com",
                "--crl-url=http://one.example/root.crl",
                "--crl-url=http://two.example/root.crl");
        X509Certificate issuing = certificate(pem);
        issuing.verify(root.getPublicKey());
        assertThat(issuing.getBasicConstraints()).isZero();
        assertThat(issuing.getNotAfter().toInstant()).isEqualTo(HsmShell.NOW.plusSeconds(365 * 86_400));
        assertThat(issuing.getCriticalExtensionOIDs()).contains("2.5.29.30");
        Path named = Files.writeString(folder.resolve("named.crt"), pem);
        assertThat(openssl("x509", "-in", named.toString(), "-noout", "-ext", "crlDistributionPoints"))
                .containsSubsequence("http://one.example/root.crl", "http://two.example/root.crl");
        HsmShell.Result noUrl = shell.hsm("sign-intermediate", "root", csr.toString(), "--crl-url=root.crl");
        assertThat(noUrl.exitCode()).isEqualTo(2);
        assertThat(noUrl.err()).contains("--crl-url: \"root.crl\" is no place of a list");

        HsmShell.Result other = shell.hsm(
                "import-cert",
                "root",
                Files.writeString(folder.resolve("crt"), pem).toString());
        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.err()).contains("is not that of the key root");
        assertThat(shell.done("list", "issuing")).contains("NO CERTIFICATE");
        shell.done("import-cert", "issuing", folder.resolve("crt").toString());
        String list = shell.done("list", "issuing");
        assertThat(list.lines().filter(line -> line.contains("object=issuing")))
                .hasSize(3)
                .noneMatch(line -> line.contains("NO CERTIFICATE"))
                .anyMatch(line -> line.contains("made on the token, sensitive, not extractable"));
        assertThat(new JsonArray(shell.done("list", "issuing", "--json")).size())
                .isGreaterThanOrEqualTo(6);

        HsmShell.Result tooLong = shell.hsm("sign-intermediate", "root", csr.toString(), "--path-length", "1");
        assertThat(tooLong.exitCode()).isEqualTo(1);
        assertThat(tooLong.err()).contains("RFC 5280", "was not signed");
    }

    @Test
    void an_RSA_root_signs_with_PSS_when_it_is_told_to_and_its_intermediates_follow_it() throws Exception {
        shell.done("keygen", "pss", "--algorithm", "rsa-3072");
        String pem = shell.done(
                "selfsign",
                "pss",
                "--subject=CN=PSS Root",
                "--path-length=1",
                "--validity=7300d",
                "--signature-algorithm=SHA384-RSAPSS");
        assertThat(SignatureScheme.of(certificate(pem))).contains(SignatureScheme.RSA_PSS_SHA384);
        Path csr = Files.writeString(
                folder.resolve("csr"),
                shell.done("csr", "pss", "--subject=CN=Below", "--signature-algorithm=sha256-rsapss"));
        assertThat(openssl("req", "-in", csr.toString(), "-verify", "-noout", "-text"))
                .contains("rsassaPss", "sha256", "Salt Length: 0x20");
        Path root = Files.writeString(folder.resolve("root"), pem);
        shell.done("keygen", "below-pss");
        Files.writeString(csr, shell.done("csr", "below-pss", "--subject=CN=Below"));
        String issued = shell.done("sign-intermediate", "pss", csr.toString(), "--validity=365d");
        Path below = Files.writeString(folder.resolve("below"), issued);
        assertThat(SignatureScheme.of(certificate(issued))).contains(SignatureScheme.RSA_PSS_SHA384);
        assertThat(openssl("verify", "-x509_strict", "-CAfile", root.toString(), below.toString()))
                .contains("OK");
        assertThat(SignatureScheme.of(certificate(shell.done(
                        "sign-intermediate",
                        "pss",
                        csr.toString(),
                        "--validity=365d",
                        "--signature-algorithm=SHA256-RSA"))))
                .contains(SignatureScheme.RSA_SHA256);

        HsmShell.Result unfit = shell.hsm("csr", "pss", "--subject=CN=X", "--signature-algorithm=ECDSA-SHA256");
        assertThat(unfit.exitCode()).isEqualTo(2);
        assertThat(unfit.err()).contains("ECDSA-SHA256 does not fit a key of type RSA", "SHA512-RSAPSS");
        HsmShell.Result none = shell.hsm("selfsign", "pss", "--subject=CN=X", "--signature-algorithm=PSS");
        assertThat(none.exitCode()).isEqualTo(2);
        assertThat(none.err()).contains("\"PSS\" is no signature algorithm; allowed: ECDSA-SHA256");
    }

    private String openssl(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(words));
        Path output = folder.resolve("openssl");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
        return Files.readString(output);
    }

    @Test
    void a_key_is_deleted_only_with_its_name_said_twice_and_with_force_while_its_certificate_is_valid() {
        shell.done("keygen", "doomed");
        shell.done("selfsign", "doomed", "--subject", "Doomed");
        assertThat(shell.hsm("delete", "doomed", "--confirm", "doomed").err()).contains("--force");
        HsmShell.Result unsaid = shell.hsm("delete", "doomed", "--force");
        assertThat(unsaid.exitCode()).isEqualTo(2);
        assertThat(unsaid.err()).contains("--confirm doomed");
        shell.done("delete", "doomed", "--force", "--confirm", "doomed");
        assertThat(shell.done("list", "doomed")).doesNotContain("object=doomed");
    }

    @Test
    void a_PIN_in_the_command_line_works_with_a_warning_and_is_not_printed() {
        String uri = token.uri("x").replaceAll("\\?pin-source=.*", "?pin-value=" + token.pin());
        HsmShell.Result result = HsmShell.run("hsm", "list", "--kms", uri);
        assertThat(result.exitCode()).isZero();
        assertThat(result.err()).contains("warning: a PIN in the command line").doesNotContain(token.pin());
    }

    @Test
    void a_wrong_PIN_and_wrong_words_are_told_apart() throws Exception {
        Path wrong = Files.writeString(folder.resolve("pin"), "000000\n");
        String uri = token.uri("x").replaceAll("\\?pin-source=.*", "");
        HsmShell.Result refused = HsmShell.run("hsm", "list", "--kms", uri, "--pin", "file:" + wrong);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("CKR_PIN_INCORRECT").doesNotContain("000000");
        assertThat(HsmShell.run("hsm", "list", "--kms", uri, "--pin", "000000").err())
                .contains("file:PATH")
                .doesNotContain("000000");
        assertThat(HsmShell.run("hsm", "list").err()).contains("--kms", "--config");
        assertThat(HsmShell.run("hsm", "list").exitCode()).isEqualTo(2);
        assertThat(HsmShell.run("hsm", "keygen", "--kms", uri, "--algorithm", "dsa")
                        .err())
                .contains("ec-p256");
        assertThat(HsmShell.run("hsm").err()).contains("keygen", "doctor");
    }

    @Test
    void a_token_is_made_used_and_its_PIN_changed() throws Exception {
        Path pin = Files.writeString(folder.resolve("pin"), "first-1234\n");
        Path next = Files.writeString(folder.resolve("next"), "second-1234\n");
        String module = token.modulePath().toString();
        assertThat(HsmShell.run(
                                "hsm",
                                "init-token",
                                "--module",
                                module,
                                "--label",
                                "spare",
                                "--pin",
                                "file:" + pin,
                                "--so-pin",
                                "file:" + pin)
                        .out())
                .contains("token=spare");
        String uri = "pkcs11:module-path=" + module + ";token=spare";
        HsmShell.Result changed =
                HsmShell.run("hsm", "change-pin", "--kms", uri, "--pin", "file:" + pin, "--new-pin", "file:" + next);
        assertThat(changed.exitCode()).as(changed.err()).isZero();
        assertThat(HsmShell.run("hsm", "list", "--kms", uri, "--pin", "file:" + pin)
                        .exitCode())
                .isEqualTo(1);
        assertThat(HsmShell.run("hsm", "list", "--kms", uri, "--pin", "file:" + next)
                        .exitCode())
                .isZero();
    }

    @Test
    @Tag("long")
    void bench_tells_signatures_a_second_by_sessions() {
        shell.done("keygen", "bench");
        shell.done("selfsign", "bench", "--subject", "Bench");
        JsonArray runs = new JsonArray(shell.done("bench", "bench", "--sessions", "2", "--seconds", "1", "--json"));
        assertThat(runs.size()).isEqualTo(1);
        assertThat(runs.getJsonObject(0).getLong("signaturesPerSecond")).isPositive();
        HsmShell.Result apart = HsmShell.run(
                "hsm",
                "bench",
                "--kms",
                token.uri("bench").replace("?pin-source=", "?pin-source=/no/such/folder"),
                "--pin=file:" + token.pinFile(),
                "--sessions=1",
                "--seconds=1");
        assertThat(apart.exitCode()).as(apart.err()).isZero();
    }
}
