package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.testing.Eventually;
import io.chancery.testing.FreePorts;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The life of a certificate after its issuance, as the unmodified step client and OpenSSL see it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class LifecycleIT {
    private static final String LIST_URL = "http://localhost:%d/crl";

    @TempDir
    private static Path folder;

    private static StepPki pki;
    private static ChanceryProcess ca;
    private static int insecurePort;

    @BeforeAll
    static void start() throws Exception {
        pki = StepPki.init(folder);
        insecurePort = FreePorts.take();
        pki.set("insecureAddress", "127.0.0.1:" + insecurePort);
        pki.set(
                "crl",
                Map.of(
                        "enabled",
                        true,
                        "generateOnRevoke",
                        true,
                        "cacheDuration",
                        "1h",
                        "idpURL",
                        LIST_URL.formatted(insecurePort)));
        pki.configure(Map.of(
                "certificates",
                Map.of(
                        "crlUrls",
                        List.of(LIST_URL.formatted(insecurePort)),
                        "issuerUrls",
                        List.of("http://localhost/intermediate.crt"))));
        setClaims(Map.of("minTLSCertDuration", "1s", "allowRenewalAfterExpiry", true));
        ca = pki.start();
        ca.awaitReady();
        Eventually.holds(
                "there is a first list", () -> send("http", "GET", "/crl").statusCode() == 200);
    }

    @SuppressWarnings("unchecked") // JSON objects have string keys
    private static void setClaims(Map<String, Object> claims) throws Exception {
        Map<String, Object> ca = com.nimbusds.jose.util.JSONObjectUtils.parse(StepPki.text(pki.caJson()));
        Map<String, Object> authority = (Map<String, Object>) ca.get("authority");
        authority.put("claims", claims);
        authority.put("backdate", "0s"); // longer than certificates of seconds, while the PKI is as young
        pki.set("authority", authority);
    }

    @AfterAll
    static void stop() throws Exception {
        ca.close();
        ca.assertNeverBlocked();
    }

    private static String crt(String name) {
        return pki.file(name + ".crt").toString();
    }

    private static String key(String name) {
        return pki.file(name + ".key").toString();
    }

    private static X509Certificate issue(String name, String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "ca",
                "certificate",
                name,
                crt(name),
                key(name),
                "--provisioner",
                StepPki.PROVISIONER,
                "--provisioner-password-file",
                pki.password()));
        command.addAll(List.of(more));
        pki.step(command.toArray(String[]::new)).succeeded();
        return certificate(name);
    }

    private static X509Certificate certificate(String name) throws Exception {
        return ApiClient.certificate(StepPki.text(pki.file(name + ".crt")));
    }

    private static String token(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("ca", "token"));
        command.addAll(List.of(words));
        command.addAll(List.of(
                "--provisioner", StepPki.PROVISIONER, "--provisioner-password-file", pki.password(), "--output-file"));
        Path file = Files.createTempFile(folder, "token", "");
        Files.delete(file);
        command.add(file.toString());
        pki.step(command.toArray(String[]::new)).succeeded();
        return StepPki.text(file).strip();
    }

    private static String openssl(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(words));
        return Commands.run(folder, Map.of(), command.toArray(String[]::new))
                .succeeded()
                .output();
    }

    private static void assertSameButForSerialAndTime(X509Certificate before, X509Certificate after) {
        assertThat(after.getSerialNumber()).isNotEqualTo(before.getSerialNumber());
        assertThat(after.getSubjectX500Principal()).isEqualTo(before.getSubjectX500Principal());
        assertThat(after.getCriticalExtensionOIDs()).isEqualTo(before.getCriticalExtensionOIDs());
        assertThat(after.getNonCriticalExtensionOIDs()).isEqualTo(before.getNonCriticalExtensionOIDs());
        for (String oid : List.of("2.5.29.15", "2.5.29.37", "2.5.29.17", "2.5.29.35", "1.3.6.1.4.1.37476.9000.64.1")) {
            assertThat(after.getExtensionValue(oid)).as(oid).isEqualTo(before.getExtensionValue(oid));
        }
    }

    @Test
    void a_start_opens_each_port_once_and_renews_nothing() {
        assertThat(ca.lines())
                .filteredOn(line -> line.contains("the port for plain HTTP is open"))
                .hasSize(1);
        assertThat(ca.lines()).noneMatch(line -> line.contains("server certificate renewed"));
    }

    @ParameterizedTest
    @CsvSource({"OKP, Ed25519", "EC, P-521", "EC, P-384"})
    void whatever_key_a_client_has_it_renews_and_revokes_over_tls(String type, String curve) throws Exception {
        String name = curve.toLowerCase(Locale.ROOT) + ".example";
        X509Certificate first = issue(name, "--kty", type, "--curve", curve);
        pki.step("ca", "renew", crt(name), key(name), "--force").succeeded();
        assertThat(certificate(name).getSerialNumber()).isNotEqualTo(first.getSerialNumber());
        pki.step("ca", "revoke", "--cert", crt(name), "--key", key(name)).succeeded();
        assertThat(pki.step("ca", "renew", crt(name), key(name), "--force").exitCode())
                .isNotZero();
    }

    @Test
    void step_renews_over_tls_and_by_token() throws Exception {
        X509Certificate first = issue("renewed.example", "--san", "renewed.example", "--san", "10.9.8.7");
        pki.step("ca", "renew", crt("renewed.example"), key("renewed.example"), "--force")
                .succeeded();
        X509Certificate second = certificate("renewed.example");
        assertSameButForSerialAndTime(first, second);
        assertThat(second.getPublicKey()).isEqualTo(first.getPublicKey());
        pki.step("ca", "renew", crt("renewed.example"), key("renewed.example"), "--force", "--mtls=false")
                .succeeded();
        assertSameButForSerialAndTime(second, certificate("renewed.example"));
        openssl(
                "verify",
                "-CAfile",
                pki.root().toString(),
                "-untrusted",
                crt("renewed.example"),
                crt("renewed.example"));
    }

    @Test
    void step_rekeys_and_the_new_key_is_the_only_difference() throws Exception {
        X509Certificate first = issue("rekeyed.example");
        pki.step(
                        "ca",
                        "rekey",
                        crt("rekeyed.example"),
                        key("rekeyed.example"),
                        "--force",
                        "--kty",
                        "RSA",
                        "--size",
                        "2048")
                .succeeded();
        X509Certificate second = certificate("rekeyed.example");
        assertSameButForSerialAndTime(first, second);
        assertThat(second.getPublicKey().getAlgorithm()).isEqualTo("RSA");
        pki.step("ca", "renew", crt("rekeyed.example"), key("rekeyed.example"), "--force")
                .succeeded();
    }

    @Test
    void the_daemon_of_step_renews_by_itself() throws Exception {
        X509Certificate first = issue("daemon.example", "--not-after", "5m");
        ProcessBuilder daemonOfStep = new ProcessBuilder(
                        Commands.step(),
                        "ca",
                        "renew",
                        "--daemon",
                        "--renew-period",
                        "2s",
                        crt("daemon.example"),
                        key("daemon.example"))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(pki.file("daemon.log").toFile())
                .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
        daemonOfStep
                .environment()
                .put("STEPPATH", pki.caJson().getParent().getParent().toString());
        Process daemon = daemonOfStep.start();
        try {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (certificate("daemon.example").equals(first)) {
                assertThat(daemon.isAlive())
                        .as(StepPki.text(pki.file("daemon.log")))
                        .isTrue();
                assertThat(System.nanoTime()).isLessThan(end);
                pause(Duration.ofMillis(200));
            }
        } finally {
            daemon.destroy();
            assertThat(daemon.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
        assertSameButForSerialAndTime(first, certificate("daemon.example"));
    }

    private static void pause(Duration time) {
        LockSupport.parkNanos(time.toNanos());
    }

    @Test
    void an_expired_certificate_is_renewed_by_token_where_the_claims_allow_it() throws Exception {
        X509Certificate first = issue("expired.example", "--not-after", "2s");
        Instant end = first.getNotAfter().toInstant().plusSeconds(1);
        while (Instant.now().isBefore(end)) {
            pause(Duration.ofMillis(100));
        }
        pki.step("ca", "renew", crt("expired.example"), key("expired.example"), "--force")
                .succeeded();
        assertSameButForSerialAndTime(first, certificate("expired.example"));
    }

    @Test
    void tokens_that_step_makes_to_renew_for_one_request_or_with_more_claims_are_taken() throws Exception {
        X509Certificate first = issue("tokens.example");
        Path renewing = pki.file("renewing.jwt");
        pki.step(
                        "ca",
                        "token",
                        "tokens.example",
                        "--renew",
                        "--x5c-cert",
                        crt("tokens.example"),
                        "--x5c-key",
                        key("tokens.example"),
                        "--output-file",
                        renewing.toString())
                .succeeded();
        HttpResponse<String> renewed = send(
                "https",
                "POST",
                "/renew",
                "Authorization",
                "Bearer " + StepPki.text(renewing).strip());
        assertThat(renewed.statusCode()).as(renewed.body()).isEqualTo(201);
        assertSameButForSerialAndTime(first, ApiClient.certificate((String)
                com.nimbusds.jose.util.JSONObjectUtils.parse(renewed.body()).get("crt")));
        for (String each : List.of("bound", "loose")) {
            pki.step(
                            "certificate",
                            "create",
                            "bound.example",
                            pki.file(each + ".csr").toString(),
                            key(each),
                            "--csr",
                            "--no-password",
                            "--insecure")
                    .succeeded();
        }
        String bound =
                token("bound.example", "--cnf-file", pki.file("bound.csr").toString());
        assertThat(pki.step(
                                "ca",
                                "sign",
                                "--token",
                                bound,
                                pki.file("loose.csr").toString(),
                                crt("loose"))
                        .output())
                .contains("certificate request fingerprint does not match");
        pki.step("ca", "sign", "--token", bound, pki.file("bound.csr").toString(), crt("bound"))
                .succeeded();
        String more = token("set.example", "--set", "role=builder");
        pki.step("ca", "certificate", "set.example", crt("set"), key("set"), "--token", more, "--set", "unit=Ops")
                .succeeded();
        assertThat(certificate("set").getSubjectX500Principal().getName()).isEqualTo("CN=set.example");
    }

    @Test
    void step_revokes_by_token_and_nobody_renews_the_certificate_afterwards() throws Exception {
        X509Certificate revoked = issue("revoked.example");
        String serial = revoked.getSerialNumber().toString();
        pki.step(
                        "ca",
                        "revoke",
                        serial,
                        "--token",
                        token(serial, "--revoke"),
                        "--reasonCode",
                        "keyCompromise",
                        "--reason",
                        "lost")
                .succeeded();
        for (String mtls : new String[] {"true", "false"}) {
            Commands.Result refused = pki.step(
                    "ca", "renew", crt("revoked.example"), key("revoked.example"), "--force", "--mtls=" + mtls);
            assertThat(refused.exitCode()).isNotZero();
            assertThat(refused.output()).contains("The request lacked necessary authorization to be completed.");
        }
        Commands.Result rekeyed = pki.step("ca", "rekey", crt("revoked.example"), key("revoked.example"), "--force");
        assertThat(rekeyed.exitCode()).isNotZero();
        ca.awaitListed(() -> listed().contains(serialLine(revoked)));
        assertThat(listed()).contains(serialLine(revoked) + "\n").contains("Key Compromise");
        Commands.Result again = pki.step("ca", "revoke", serial, "--token", token(serial, "--revoke"));
        assertThat(again.output()).contains("certificate with serial number '" + serial + "' is already revoked");
    }

    @Test
    void a_certificate_revokes_itself_over_tls_and_openssl_finds_it_revoked() throws Exception {
        X509Certificate revoked = issue("itself.example");
        assertThat(checked("itself.example")).contains("OK");
        pki.step("ca", "revoke", "--cert", crt("itself.example"), "--key", key("itself.example"))
                .succeeded();
        ca.awaitListed(() -> listed().contains(serialLine(revoked)));
        assertThat(checked("itself.example")).contains("certificate revoked");
        assertThat(listed()).contains(serialLine(revoked));
    }

    /** What OpenSSL says of a certificate by the list that is served now. */
    private static String checked(String name) throws Exception {
        Path list = pki.file("list.pem");
        Files.write(list, get("http", "/crl?pem").getBytes(StandardCharsets.US_ASCII));
        assertThat(openssl(
                        "crl",
                        "-in",
                        list.toString(),
                        "-noout",
                        "-verify",
                        "-CAfile",
                        pki.intermediate().toString()))
                .contains("verify OK");
        return Commands.run(
                        folder,
                        Map.of(),
                        "openssl",
                        "verify",
                        "-crl_check",
                        "-CAfile",
                        pki.root().toString(),
                        "-untrusted",
                        pki.intermediate().toString(),
                        "-CRLfile",
                        list.toString(),
                        crt(name))
                .output();
    }

    private static String serialLine(X509Certificate certificate) {
        String hex = certificate.getSerialNumber().toString(16).toUpperCase(java.util.Locale.ROOT);
        return "Serial Number: " + (hex.length() % 2 == 0 ? hex : "0" + hex);
    }

    /** The list as OpenSSL prints it. */
    private static String listed() throws Exception {
        Path list = pki.file("printed.pem");
        Files.write(list, get("https", "/1.0/crl?pem").getBytes(StandardCharsets.US_ASCII));
        return openssl("crl", "-in", list.toString(), "-noout", "-text");
    }

    private static String get(String scheme, String path) throws Exception {
        return send(scheme, "GET", path).body();
    }

    private static HttpResponse<String> send(String scheme, String method, String path, String... headers)
            throws Exception {
        int port = scheme.equals("https") ? pki.port() : insecurePort;
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(scheme + "://localhost:" + port + path))
                .timeout(Duration.ofSeconds(20))
                .method(method, HttpRequest.BodyPublishers.noBody());
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(ApiClient.trusting(pki.root()))
                .build()
                .send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.ISO_8859_1));
    }

    @Test
    void step_inspects_the_list_and_finds_its_signature_good() throws Exception {
        assertThat(pki.step(
                                "crl",
                                "inspect",
                                pki.url() + "/crl",
                                "--ca",
                                pki.intermediate().toString(),
                                "--roots",
                                pki.root().toString())
                        .succeeded()
                        .output())
                .contains("Valid: true")
                .contains("X509v3 Issuing Distribution Point: critical")
                .contains("URI:" + LIST_URL.formatted(insecurePort));
    }

    @Test
    void plain_http_serves_the_list_and_nothing_else() throws Exception {
        for (String path : List.of("/crl", "/1.0/crl")) {
            HttpResponse<String> answer = send("http", "GET", path);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("Content-Type")).contains("application/pkix-crl");
            assertThat(answer.headers().firstValue("Content-Disposition")).contains("attachment; filename=\"crl.crl\"");
            assertThat(answer.headers().firstValue("Expires").orElseThrow())
                    .matches("[A-Z][a-z]{2}, \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d UTC");
            assertThat(send("http", "HEAD", path).statusCode()).isEqualTo(200);
            assertThat(send("http", "POST", path).statusCode()).isEqualTo(405);
        }
        for (String path : List.of("/", "/health", "/roots", "/root/00", "/provisioners", "/version", "/1.0/health")) {
            assertThat(send("http", "GET", path).statusCode()).as(path).isEqualTo(404);
        }
        for (String path : List.of("/sign", "/renew", "/rekey", "/revoke", "/1.0/sign")) {
            assertThat(send("http", "POST", path).statusCode()).as(path).isEqualTo(404);
        }
    }

    @Test
    void certificates_say_where_the_list_and_the_issuer_are_had() throws Exception {
        X509Certificate unused = issue("links.example");
        assertThat(openssl("x509", "-in", crt("links.example"), "-noout", "-text"))
                .contains("URI:http://localhost:" + insecurePort + "/crl")
                .contains("CA Issuers - URI:http://localhost/intermediate.crt");
    }

    @Test
    void zlint_finds_nothing_wrong_with_what_is_issued_and_served() throws Exception {
        Path place = Files.createDirectory(folder.resolve("judged"));
        X509Certificate first = issue(
                "judged.example", "--san", "judged.example", "--san", "10.1.2.3", "--kty", "RSA", "--size", "2048");
        Files.write(place.resolve("issued.der"), first.getEncoded());
        pki.step("ca", "renew", crt("judged.example"), key("judged.example"), "--force")
                .succeeded();
        Files.write(place.resolve("renewed.der"), certificate("judged.example").getEncoded());
        HttpResponse<String> list = send("https", "GET", "/crl");
        Files.write(place.resolve("list.crl"), list.body().getBytes(StandardCharsets.ISO_8859_1));
        Files.write(
                place.resolve("server.der"),
                list.sslSession().orElseThrow().getPeerCertificates()[0].getEncoded());

        Zlint.Report report = Zlint.judge(place);

        assertThat(report.broken()).isEmpty();
        assertThat(report.files()).isEqualTo(4);
    }

    @Test
    void another_key_than_the_certificate_s_renews_nothing() throws Exception {
        X509Certificate unused = issue("owner.example");
        X509Certificate other = issue("thief.example");
        assertThat(other).isNotNull();
        Commands.Result swapped = pki.step("ca", "renew", crt("owner.example"), key("thief.example"), "--force");
        assertThat(swapped.exitCode()).isNotZero();
    }
}
