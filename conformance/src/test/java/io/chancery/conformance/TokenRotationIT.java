package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The drill of docs/rotation.md, and "Lost HSM, no backup" of docs/hsm.md; each key is on a SoftHSM token of its own. */
@Tag("long")
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class TokenRotationIT {
    @TempDir
    private Path folder;

    private StepPki pki;
    private Path pin;

    private Commands.Result hsm(String verb, String... arguments) throws Exception {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("chancery.home"), "bin/chancery").toString(), "hsm", verb));
        words.addAll(List.of(arguments));
        return Commands.run(folder, pki.environment(), words.toArray(String[]::new));
    }

    private String common(String token) {
        return "pkcs11:module-path=" + TokenPki.library() + ";token=" + token + "?pin-source=" + pin;
    }

    private String kms(String token) {
        return "pkcs11:module-path=" + TokenPki.library() + ";token=" + token + ";object=" + token + "?pin-source="
                + pin;
    }

    private void token(String label) throws Exception {
        hsm(
                        "init-token",
                        "--module",
                        TokenPki.library().toString(),
                        "--label",
                        label,
                        "--pin=file:" + pin,
                        "--so-pin=file:" + pin)
                .succeeded();
        hsm("keygen", "--kms", kms(label)).succeeded();
    }

    /** PEM on standard output, into a file. */
    private Path pem(String file, String verb, String... arguments) throws Exception {
        String output = hsm(verb, arguments).succeeded().output();
        return Files.writeString(folder.resolve(file), output.substring(output.indexOf("-----BEGIN")));
    }

    private Path intermediate(String name) throws Exception {
        token(name);
        pem(name + ".csr", "csr", "--kms", kms(name), "--subject", "CN=Issuing CA " + name);
        Path made = pem(
                name + ".crt",
                "sign-intermediate",
                "--kms",
                kms("root"),
                "--validity",
                "3650d",
                folder.resolve(name + ".csr").toString());
        hsm("import-cert", "--kms", kms(name), made.toString()).succeeded();
        hsm("doctor", "--kms", kms(name)).succeeded();
        return made;
    }

    private void caJson(String issuer) throws Exception {
        pki.set("crt", folder.resolve(issuer + ".crt").toString());
        pki.set("key", "pkcs11:object=" + issuer);
        pki.set("kms", Map.of("type", "pkcs11", "uri", common(issuer)));
    }

    private Map<String, Object> entry(String issuer, boolean issues) {
        Map<String, Object> entry = new HashMap<>(Map.of(
                "name",
                "ca-" + issuer,
                "crt",
                folder.resolve(issuer + ".crt").toString(),
                "key",
                "pkcs11:object=" + issuer,
                "kms",
                Map.of("uri", common(issuer))));
        if (issues) {
            entry.put("issues", Map.of());
        }
        return entry;
    }

    /** With these issuers, of which the CA has the first. */
    private void make(String... issuers) throws Exception {
        pki = StepPki.init(folder);
        Files.createDirectories(folder.resolve("tokens"));
        Path conf = Files.writeString(
                folder.resolve("softhsm2.conf"),
                "directories.tokendir = " + folder.resolve("tokens") + "\nobjectstore.backend = file\n");
        pki.environment("SOFTHSM2_CONF", conf.toString());
        pin = Files.writeString(folder.resolve("pin"), "pin-of-the-tests\n", StandardCharsets.US_ASCII);
        Path unused = Files.setPosixFilePermissions(pin, PosixFilePermissions.fromString("rw-------"));
        token("root");
        Path root = pem(
                "root.crt",
                "selfsign",
                "--kms",
                kms("root"),
                "--subject",
                "CN=Root CA",
                "--path-length",
                "1",
                "--validity",
                "7300d");
        Files.copy(root, pki.root(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        for (String issuer : issuers) {
            intermediate(issuer);
        }
        caJson(issuers[0]);
        pki.set("crl", Map.of("enabled", true, "generateOnRevoke", true));
    }

    private static void hangUp(ChanceryProcess ca, String expected) throws Exception {
        int lines = ca.lines().size();
        ca.signal("HUP");
        ca.awaitLine(expected, lines);
    }

    private String issuerOf(String pem) throws Exception {
        return ApiClient.certificate(pem).getIssuerX500Principal().getName();
    }

    private ApiClient.Answer awaitIssuer(ApiClient api, String issuer) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        ApiClient.Answer answer;
        do {
            assertThat(System.nanoTime() - end).isNegative();
            answer = api.sign(api.csr("a.example"), api.token("a.example"));
            assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        } while (!issuerOf(answer.member("crt")).equals("CN=Issuing CA " + issuer));
        IssuerFiles.verify(pki, List.of(IssuerFiles.chain(answer)));
        return answer;
    }

    private void step(String... words) throws Exception {
        pki.step(words).succeeded();
    }

    @Test
    void one_token_takes_the_other_s_place_and_the_old_one_lists_what_it_signed_until_that_has_ended()
            throws Exception {
        make("2026", "2027");
        Path clock = folder.resolve("clock");
        FakedClock.set(clock, "+0");
        try (ChanceryProcess ca = pki.start()) {
            ca.awaitReady();
            ApiClient api = ApiClient.of(pki);
            step("ca", "certificate", "s.example", "s.crt", "s.key", "--provisioner-password-file", pki.password());
            ApiClient.Answer old = awaitIssuer(api, "2026");

            pki.configure(Map.of("issuers", List.of(entry("2027", false)))); // 2. list it
            hangUp(ca, "the new configuration is in force");
            awaitIssuer(api, "2026");
            pki.configure(Map.of("issuers", List.of(entry("2027", true)))); // 4. switch
            hangUp(ca, "the new configuration is in force");
            awaitIssuer(api, "2027");
            step("ca", "renew", "s.crt", "s.key", "--force");
            assertThat(issuerOf(StepPki.text(pki.file("s.crt")))).isEqualTo("CN=Issuing CA 2027");
            step("certificate", "verify", "s.crt", "--roots", pki.root().toString());

            caJson("2027"); // 5. ca.json names the new one
            pki.configure(Map.of("issuers", List.of(entry("2027", true), entry("2026", false))));
            hangUp(ca, "the new configuration is in force");
            awaitIssuer(api, "2027");
            BigInteger serial = ApiClient.certificate(old.member("crt")).getSerialNumber();
            assertThat(api.revoke(serial.toString()).status()).isEqualTo(200);
            ca.awaitListed(() -> list(api, "/crl/ca-2026").getRevokedCertificate(serial) != null);
            assertThat(list(api, "/crl/ca-2027").getRevokedCertificate(serial)).isNull();
            assertThat(list(api, "/crl").getEncoded())
                    .isEqualTo(list(api, "/crl/ca-2027").getEncoded());

            pki.configure(Map.of("issuers", List.of(entry("2027", true)))); // 6. too early
            hangUp(ca, "the issuer ca-2026 is left out");
            Commands.Result kept =
                    hsm("delete", "--config", pki.caJson().toString(), "--kms", kms("2027"), "--confirm", "2027");
            assertThat(kept.exitCode()).isEqualTo(2);
        }
        ChanceryProcess early = pki.start();
        assertThat(early.awaitEnd()).isEqualTo(2);
        assertThat(early.lines()).anyMatch(line -> line.contains("the issuer ca-2026 is left out"));
        FakedClock.set(clock, "+2d");
        try (ChanceryProcess ca = pki.start(FakedClock.environment(clock))) {
            ca.awaitReady(); // all that it signed has ended
        }
    }

    private static X509CRL list(ApiClient api, String path) throws Exception {
        return (X509CRL) CertificateFactory.getInstance("X.509")
                .generateCRL(
                        new ByteArrayInputStream(api.get(path + "?pem").body().getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void while_a_token_that_was_made_after_the_start_is_not_seen_the_old_one_signs() throws Exception {
        make("2026", "2027");
        try (ChanceryProcess ca = pki.start()) {
            ca.awaitReady();
            intermediate("2028");
            pki.configure(Map.of("issuers", List.of(entry("2028", true))));
            hangUp(ca, "the new configuration is in force");
            assertThat(ca.lines()).anyMatch(line -> line.contains("signing key is not available"));
            awaitIssuer(ApiClient.of(pki), "2026");
        }
        try (ChanceryProcess ca = pki.start()) {
            ca.awaitReady();
            awaitIssuer(ApiClient.of(pki), "2028");
        }
    }

    /** The HSM, as far as a process can tell: token and key are gone for good. */
    private void lose(String token) throws Exception {
        Commands.run(folder, pki.environment(), "softhsm2-util", "--delete-token", "--token", token)
                .succeeded();
    }

    private static void awaitRefused(ApiClient api) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        ApiClient.Answer answer;
        do {
            assertThat(System.nanoTime() - end).as("it goes on without its key").isNegative();
            answer = api.sign(api.csr("a.example"), api.token("a.example"));
        } while (answer.status() == 201);
        assertThat(answer.status()).as(answer.body()).isEqualTo(503);
        assertThat(api.get("/roots").status()).as("what needs no key").isEqualTo(201);
    }

    @Test
    void after_a_lost_HSM_without_a_backup_a_new_key_issues_and_what_the_lost_one_signed_stays_good_and_renews()
            throws Exception {
        make("2026");
        ApiClient.Answer old;
        try (ChanceryProcess ca = pki.start()) {
            ca.awaitReady();
            ApiClient api = ApiClient.of(pki);
            step("ca", "certificate", "s.example", "s.crt", "s.key", "--provisioner-password-file", pki.password());
            old = awaitIssuer(api, "2026");
            lose("2026");
            awaitRefused(api);
        }

        intermediate("2027"); // keygen, csr, sign-intermediate, import-cert, doctor
        caJson("2027");
        ChanceryProcess early = pki.start();
        assertThat(early.awaitEnd())
                .as("the lost one's certificates are not forgotten")
                .isEqualTo(2);
        Map<String, Object> lost = entry("2026", false);
        lost.keySet().removeAll(List.of("key", "kms"));
        pki.configure(Map.of("issuers", List.of(lost)));

        try (ChanceryProcess ca = pki.start()) {
            ca.awaitReady();
            ApiClient api = ApiClient.of(pki);
            awaitIssuer(api, "2027");
            IssuerFiles.verify(pki, List.of(IssuerFiles.chain(old)));
            step("certificate", "verify", "s.crt", "--roots", pki.root().toString());
            step("ca", "renew", "s.crt", "s.key", "--force");
            assertThat(issuerOf(StepPki.text(pki.file("s.crt")))).isEqualTo("CN=Issuing CA 2027");
            step("certificate", "verify", "s.crt", "--roots", pki.root().toString());
            BigInteger serial = ApiClient.certificate(old.member("crt")).getSerialNumber();
            assertThat(api.revoke(serial.toString()).status()).isEqualTo(200);
            ca.awaitLine("no new list of revoked certificates");
            assertThat(list(api, "/crl/ca-2026").getRevokedCertificate(serial))
                    .as("in a list of the key that is gone")
                    .isNull();
        }
    }
}
