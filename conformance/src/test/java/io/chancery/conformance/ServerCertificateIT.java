package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server's own certificate while the signer is away, and the TLS that is served with it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class ServerCertificateIT {
    private static final String CLOSED = "the API port stays closed";

    @TempDir
    private Path folder;

    private StepPki pki;
    private ClusterPki cluster;

    @BeforeEach
    void cluster() throws Exception {
        pki = StepPki.init(folder);
        cluster = ClusterPki.make(pki, "cluster", Map.of());
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    private static HttpResponse<String> get(String url) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private Commands.Result client(String... arguments) throws Exception {
        String[] command = new String[arguments.length + 7];
        command[0] = "openssl";
        command[1] = "s_client";
        command[2] = "-connect";
        command[3] = "127.0.0.1:" + pki.port();
        command[4] = "-showcerts";
        command[5] = "-CAfile";
        command[6] = pki.root().toString();
        System.arraycopy(arguments, 0, command, 7, arguments.length);
        return Commands.run(folder, Map.of(), command);
    }

    @Test
    void with_an_expired_one_the_port_stays_closed_until_the_signer_is_there() throws Exception {
        Path kept = pki.database().resolveSibling("server-certificate.pem");
        ExpiredServerCertificate.write(pki, kept);
        ChanceryProcess api = cluster.start("api", "api");
        api.awaitLine(CLOSED);
        String management = api.awaitManagement();
        HttpResponse<String> canRead = get(management + "/can-read");
        assertThat(canRead.statusCode()).isEqualTo(503);
        assertThat(canRead.body()).contains("no server certificate");
        assertThat(get(management + "/can-issue").statusCode()).isEqualTo(503);
        assertThat(get(management + "/live").statusCode()).isEqualTo(200);
        assertThat(client().exitCode()).isNotZero();

        cluster.start("signer", "signer").awaitReady();
        api.awaitReady();
        assertThat(get(management + "/can-read").statusCode()).isEqualTo(200);
        assertThat(Certificates.read(kept).getNotAfter()).isAfter(Date.from(Instant.now()));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)))
                .isEqualTo("rw-------");
    }

    @Test
    void with_a_usable_one_roots_are_served_at_once_though_the_signer_is_away() throws Exception {
        ChanceryProcess signer = cluster.start("signer", "signer");
        signer.awaitReady();
        ChanceryProcess first = cluster.start("api", "api");
        first.awaitReady();
        first.close();
        signer.kill();

        ChanceryProcess api = cluster.start("api", "api");
        api.awaitReady();
        ApiClient client = ApiClient.of(pki);
        assertThat(client.get("/roots").status()).isEqualTo(201);
        ApiClient.Answer refused = client.sign(client.csr("a.example"), client.token("a.example"));
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.header("Retry-After")).isNotEmpty();
        assertThat(api.lines())
                .noneMatch(line -> line.contains(CLOSED))
                .noneMatch(line -> line.contains("server certificate renewed"));
    }

    @Test
    void tls_is_as_step_ca_serves_it() throws Exception {
        cluster.start("signer", "signer").awaitReady();
        cluster.start("api", "api").awaitReady();
        assertThat(client("-tls1_3").output())
                .contains("New, TLSv1.3")
                .contains("Verify return code: 0 (ok)")
                .contains("Acceptable client certificate CA names")
                .containsPattern("CN ?= ?Conformance Root CA")
                .containsPattern("CN ?= ?Conformance Intermediate CA")
                .containsPattern(" 1 s:O ?= ?Conformance, CN ?= ?Conformance Intermediate CA");
        for (String suite : List.of("ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-GCM-SHA256")) {
            assertThat(client("-tls1_2", "-cipher", suite).succeeded().output()).contains("Cipher is " + suite);
        }
        assertThat(client("-servername", "unknown.example").succeeded().output())
                .as("the server has no such name")
                .contains("Verify return code: 0 (ok)");
        assertThat(client("-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384").exitCode())
                .isNotZero();
        assertThat(client("-tls1_1", "-cipher", "ALL:@SECLEVEL=0").exitCode()).isNotZero();
        try (SSLSocket twice =
                (SSLSocket) ApiClient.trusting(pki.root()).getSocketFactory().createSocket("127.0.0.1", pki.port())) {
            twice.setSoTimeout(20_000);
            twice.setEnabledProtocols(new String[] {"TLSv1.2"});
            twice.startHandshake();
            assertThatThrownBy(() -> {
                        twice.startHandshake();
                        int unused = twice.getInputStream().read();
                    })
                    .as("a renegotiation")
                    .isInstanceOf(SSLException.class);
        }

        pki.step(
                        "ca",
                        "certificate",
                        "client.example",
                        pki.file("client.crt").toString(),
                        pki.file("client.key").toString(),
                        "--provisioner-password-file",
                        pki.password(),
                        "--ca-url",
                        pki.url(),
                        "--root",
                        pki.root().toString())
                .succeeded();
        // Reads the first certificate alone: the leaf.
        assertThat(get("client.crt", "client.key")).contains("HTTP/1.1 200 OK");
        pki.selfSigned("stranger", "stranger");
        assertThat(get("stranger.crt", "stranger.key")).doesNotContain("200 OK");
    }

    /** GET /version, which needs neither store nor signer, with a client certificate. */
    private String get(String certificate, String key) throws Exception {
        return Commands.run(
                        folder,
                        Map.of(),
                        "sh",
                        "-c",
                        "printf 'GET /version HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' |"
                                + " openssl s_client -quiet -connect 127.0.0.1:" + pki.port() + " -CAfile " + pki.root()
                                + " -cert " + certificate + " -key " + key)
                .output();
    }

    @Test
    void handshakes_are_signed_and_keys_of_their_curve_agreed_on_by_the_fast_provider() throws Exception {
        ChanceryProcess ca = pki.start(ChanceryProcess.withJavaOptions("-Djava.security.debug=provider"));
        try (ca) {
            ca.awaitReady();
            assertThat(ca.lines())
                    .anyMatch(line -> line.contains("crypto provider chosen provider=AmazonCorrettoCryptoProvider"));
            int before = ca.lines().size();
            assertThat(client("-groups", "P-256").output()).contains("ECDH, prime256v1");
            for (String what : List.of("SHA256withECDSA signing", "KeyPairGenerator.EC", "KeyAgreement.ECDH")) {
                ca.awaitLine(what + " algorithm from: AmazonCorrettoCryptoProvider", before);
            }
        }
    }
}
