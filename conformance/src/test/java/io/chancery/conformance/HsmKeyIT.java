package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code chancery hsm} beside a real CA: the drills of docs/hsm.md. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class HsmKeyIT {
    private static final String HOME = System.getProperty("chancery.home");

    @TempDir
    private Path folder;

    private StepPki pki;
    private Path pin;
    private Path softhsm;

    @BeforeEach
    void token() throws Exception {
        pki = StepPki.init(folder);
        softhsm = Files.createDirectories(folder.resolve("softhsm"));
        newSoftHsm(softhsm);
        pin = secret("pin", "pin-of-the-tests");
        initToken();
    }

    private void newSoftHsm(Path place) throws Exception {
        Files.createDirectories(place.resolve("tokens"));
        Path conf = Files.writeString(
                place.resolve("softhsm2.conf"),
                "directories.tokendir = " + place.resolve("tokens")
                        + "\nobjectstore.backend = file\nlog.level = ERROR\n");
        pki.environment("SOFTHSM2_CONF", conf.toString());
    }

    private Path secret(String name, String text) throws Exception {
        Path file = Files.writeString(folder.resolve(name), text + "\n", StandardCharsets.US_ASCII);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private void initToken() throws Exception {
        hsm(
                        "init-token",
                        "--module",
                        "libsofthsm2.so",
                        "--label",
                        "issuing",
                        "--pin=file:" + pin,
                        "--so-pin=file:" + pin)
                .succeeded();
    }

    private Commands.Result hsm(String verb, String... arguments) throws Exception {
        List<String> words =
                new ArrayList<>(List.of(Path.of(HOME, "bin/chancery").toString(), "hsm", verb));
        words.addAll(List.of(arguments));
        return Commands.run(folder, pki.environment(), words.toArray(String[]::new));
    }

    private String kms(String object) {
        return "pkcs11:module-path=" + module() + ";token=issuing;object=" + object + "?pin-source=" + pin;
    }

    private static String module() {
        return Files.exists(Path.of("/usr/lib/softhsm/libsofthsm2.so"))
                ? "/usr/lib/softhsm/libsofthsm2.so"
                : "libsofthsm2.so";
    }

    private void pointTo(String key) throws Exception {
        Map<String, Object> ca = JSONObjectUtils.parse(StepPki.text(pki.caJson()));
        ca.put("key", key);
        Files.writeString(pki.caJson(), JSONObjectUtils.toJSONString(ca), StandardCharsets.UTF_8);
    }

    /** Starts the CA, has a certificate issued, and stops it; all of the lines were printed. */
    private void issues(String name, String... lines) throws Exception {
        try (ChanceryProcess ca = pki.start()) {
            ca.awaitReady();
            for (String line : lines) {
                ca.awaitLine(line);
            }
            certificate(name);
        }
    }

    /** By the CA that runs. */
    private void certificate(String name) throws Exception {
        pki.step(
                        "ca",
                        "certificate",
                        name,
                        pki.file(name + ".crt").toString(),
                        pki.file(name + ".key").toString(),
                        "--provisioner",
                        StepPki.PROVISIONER,
                        "--provisioner-password-file",
                        pki.password())
                .succeeded();
        pki.step(
                        "certificate",
                        "verify",
                        pki.file(name + ".crt").toString(),
                        "--roots",
                        pki.root().toString())
                .succeeded();
    }

    private void load() throws Exception {
        hsm("load", "--config", pki.caJson().toString(), "--kms", kms("issuing"), "--password-file", pki.password())
                .succeeded();
    }

    @Test
    void a_CA_of_step_takes_its_key_into_a_token_and_issues_from_there() throws Exception {
        load();
        Files.delete(pki.file("step/secrets/intermediate_ca_key"));
        issues("moved.example", "imported, sensitive, not extractable");
        Commands.Result doctor = hsm("doctor", "--config", pki.caJson().toString());
        assertThat(doctor.exitCode()).as(doctor.output()).isZero();
        assertThat(doctor.output())
                .contains("ok\tchain-to-root", "ok\tsession-limit", "ok\ttest-signature", "imported, sensitive");
        Commands.Result guarded = hsm("delete", "--config", pki.caJson().toString(), "--confirm", "issuing", "--force");
        assertThat(guarded.exitCode()).isEqualTo(2);
        assertThat(guarded.output()).contains("issues with");
    }

    @Test
    @Tag("long")
    void a_new_PIN_and_a_lost_token_that_was_copied() throws Exception {
        load();
        hsm(
                        "backup",
                        "--config",
                        pki.caJson().toString(),
                        "--to",
                        folder.resolve("copy").toString())
                .succeeded();

        Path next = secret("next", "another-pin");
        try (ChanceryProcess ca = pki.start()) {
            ca.awaitReady();
            hsm("change-pin", "--config", pki.caJson().toString(), "--new-pin=file:" + next)
                    .succeeded();
            certificate("logged-in.example");
            Files.writeString(pin, Files.readString(next));
            certificate("logged-in-too.example");
            assertThat(ca.lines()).noneMatch(line -> line.contains("signing key lost"));
        }
        issues("new-pin.example");

        Path lost = folder.resolve("new-machine");
        newSoftHsm(lost);
        assertThat(hsm("doctor", "--config", pki.caJson().toString()).output()).contains("failed\ttoken-found");
        hsm("restore", "--clone", folder.resolve("copy").toString()).succeeded();
        Files.writeString(pin, "pin-of-the-tests\n"); // the copy has the PIN of its day
        issues("restored.example");
    }

    /** Has step's root sign a request of the key, as an intermediate; the CA issues by it from then on. */
    private void certify(String object) throws Exception {
        Path csr = folder.resolve("csr");
        Files.writeString(csr, pem(hsm("csr", "--kms", kms(object), "--subject", "CN=Issuing " + object)));
        Files.writeString(
                pki.intermediate(),
                pem(pki.step(
                        "certificate",
                        "sign",
                        "--profile",
                        "intermediate-ca",
                        csr.toString(),
                        pki.root().toString(),
                        pki.file("step/secrets/root_ca_key").toString(),
                        "--password-file",
                        pki.password())));
    }

    private static String pem(Commands.Result result) {
        String text = result.succeeded().output();
        return text.substring(text.indexOf("-----BEGIN "));
    }

    @Test
    @Tag("long")
    void a_key_from_shares_serves_on_another_token() throws Exception {
        Path shares = folder.resolve("shares");
        hsm("keygen", "--kms", kms("shared"), "--shares=2of3", "--backup-folder", shares.toString())
                .succeeded();
        certify("shared");
        newSoftHsm(folder.resolve("new-machine"));
        initToken();
        hsm(
                        "restore",
                        "--kms",
                        kms("back"),
                        "--backup",
                        shares.resolve("backup").toString(),
                        "--cert",
                        pki.intermediate().toString(),
                        shares.resolve("share-1").toString(),
                        shares.resolve("share-3").toString())
                .succeeded();
        pointTo(kms("back"));
        issues("shared.example");
    }

    @Test
    @Tag("long")
    void an_RSA_key_on_a_token_signs_with_PSS_as_its_own_certificate_does_or_as_chancery_json_says() throws Exception {
        for (String object : List.of("pss-root", "pss")) {
            hsm("keygen", "--kms", kms(object), "--algorithm", "rsa-3072").succeeded();
        }
        String root = pem(hsm(
                "selfsign",
                "--kms=" + kms("pss-root"),
                "--subject=CN=PSS Root",
                "--path-length=1",
                "--validity=7300d",
                "--signature-algorithm=SHA384-RSAPSS"));
        Files.writeString(pki.root(), root);
        Path csr = Files.writeString(folder.resolve("csr"), pem(hsm("csr", "--kms", kms("pss"), "--subject=CN=PSS")));
        Files.writeString(
                pki.intermediate(),
                pem(hsm("sign-intermediate", "--kms", kms("pss-root"), "--validity=3650d", csr.toString())));
        hsm("import-cert", "--kms", kms("pss"), pki.intermediate().toString()).succeeded();
        pointTo(kms("pss"));
        pssIssues("own.example", "SHA384-RSAPSS");
        pki.configure(Map.of("certificates", Map.of("signatureAlgorithm", "SHA512-RSAPSS")));
        pssIssues("said.example", "SHA512-RSAPSS");
        Commands.Result doctor = hsm("doctor", "--config", pki.caJson().toString());
        assertThat(doctor.exitCode()).as(doctor.output()).isZero();
        assertThat(doctor.output()).contains("ok\tmechanism-rsa-pss", "ok\ttest-signature\tSHA512-RSAPSS");
        pki.configure(Map.of("certificates", Map.of("signatureAlgorithm", "ECDSA-SHA256")));
        refusesToStart("chancery.json#/certificates/signatureAlgorithm: found ECDSA-SHA256");
    }

    /** Go's words for the certificate, and OpenSSL's verdict. */
    private void pssIssues(String name, String algorithm) throws Exception {
        issues(name);
        assertThat(pki.step("certificate", "inspect", pki.file(name + ".crt").toString())
                        .succeeded()
                        .output())
                .contains("Signature Algorithm: " + algorithm);
        Commands.run(
                        folder,
                        Map.of(),
                        "openssl",
                        "verify",
                        "-x509_strict",
                        "-CAfile",
                        pki.root().toString(),
                        "-untrusted",
                        pki.intermediate().toString(),
                        pki.file(name + ".crt").toString())
                .succeeded();
    }

    @Test
    @Tag("long")
    void a_key_without_its_certificate_needs_a_command_or_a_word_in_chancery_json() throws Exception {
        hsm("keygen", "--kms", kms("own")).succeeded();
        certify("own");
        pointTo(kms("own"));
        refusesToStart("chancery hsm import-cert");
        pki.configure(Map.of("kms", Map.of("writeMissingCertificate", true)));
        issues("written.example");
        assertThat(hsm("list", "--kms", kms("own")).succeeded().output()).doesNotContain("NO CERTIFICATE");
    }

    @Test
    @Tag("long")
    void a_weak_key_needs_a_word_in_chancery_json_and_is_warned_about() throws Exception {
        Commands.run(
                        folder,
                        pki.environment(),
                        "pkcs11-tool",
                        "--module",
                        module(),
                        "--token-label",
                        "issuing",
                        "--login",
                        "--pin",
                        "pin-of-the-tests",
                        "--keypairgen",
                        "--key-type",
                        "EC:prime256v1",
                        "--label",
                        "weak",
                        "--id",
                        "77",
                        "--extractable")
                .succeeded();
        certify("weak");
        hsm("import-cert", "--kms", kms("weak"), pki.intermediate().toString()).succeeded();
        pointTo(kms("weak"));
        refusesToStart("kms.allowWeakKey");
        pki.configure(Map.of("kms", Map.of("allowWeakKey", true)));
        issues("weak.example", "weaker than it should be");
    }

    private void refusesToStart(String why) throws Exception {
        try (ChanceryProcess ca = pki.start()) {
            ca.awaitLine(why);
        }
    }
}
