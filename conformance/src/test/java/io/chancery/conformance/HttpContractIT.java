package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Paths, statuses, headers and bodies, as clients of step-ca rely on them. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class HttpContractIT {
    @TempDir
    private static Path folder;

    private static StepPki pki;
    private static ChanceryProcess ca;
    private static ApiClient api;

    @BeforeAll
    static void start() throws Exception {
        pki = StepPki.init(folder, "--no-db"); // the store is beside ca.json then
        ca = pki.start();
        ca.awaitReady();
        api = ApiClient.of(pki);
    }

    @AfterAll
    static void stop() throws Exception {
        ca.close();
        ca.assertNeverBlocked();
    }

    /** A slow moment, as any machine has, makes it red until the node looks again. */
    private static ApiClient.Answer health(String method, String prefix) throws Exception {
        return ClusterJudge.decided(() -> api.send(method, prefix + "/health"));
    }

    @Test
    void files_of_an_init_without_a_database_have_their_store_beside_ca_json() {
        String announced = "the store is chancery.db in " + pki.caJson().getParent();
        assertThat(ca.lines()).anyMatch(line -> line.contains(announced));
        assertThat(pki.caJson().resolveSibling("chancery.db")).isNotEmptyFile();
    }

    @Test
    void every_endpoint_answers_with_and_without_the_version_prefix() throws Exception {
        String fingerprint = pki.fingerprint();
        for (String prefix : List.of("", "/1.0")) {
            assertThat(health("GET", prefix).body()).isEqualTo("{\"status\":\"ok\"}\n");
            assertThat(api.get(prefix + "/version").status()).isEqualTo(200);
            assertThat(api.get(prefix + "/root/" + fingerprint).member("ca"))
                    .startsWith("-----BEGIN CERTIFICATE-----\n");
            assertThat(api.get(prefix + "/root/" + fingerprint.toUpperCase(java.util.Locale.ROOT))
                            .status())
                    .isEqualTo(200);
            for (String list : List.of("/roots", "/intermediates", "/federation")) {
                assertThat(api.get(prefix + list).status()).as(list).isEqualTo(201);
                assertThat(api.get(prefix + list).body())
                        .as(list)
                        .startsWith("{\"crts\":[\"-----BEGIN CERTIFICATE-----\\n");
            }
            assertThat(api.get(prefix + "/roots.pem").header("Content-Type")).isEqualTo("application/x-pem-file");
            assertThat(api.get(prefix + "/provisioners").member("nextCursor")).isEmpty();
        }
    }

    @Test
    void the_encrypted_key_of_a_provisioner_is_published_and_of_none_is_not_found() throws Exception {
        String kid = api.provisionerKey().getKeyID();
        assertThat(api.get("/provisioners/" + kid + "/encrypted-key").member("key"))
                .startsWith("eyJ");
        assertThat(api.get("/provisioners/none/encrypted-key").status()).isEqualTo(404);
    }

    /** Certificates whose issuers' names go round: each could be above each, and every way through them is one to look at. */
    private static StepCaPeerIdentity maze(int length) throws Exception {
        StepCaPeerMachine a = StepCaPeerMachine.Plan.ca("A").signedByItself();
        StepCaPeerMachine b = StepCaPeerMachine.Plan.ca("B").signedByItself();
        StepCaPeerMachine leaf = StepCaPeerMachine.Plan.client("maze").by(a);
        List<X509Certificate> chain = new ArrayList<>(List.of(leaf.certificate()));
        while (chain.size() < length) {
            chain.add(StepCaPeerMachine.Plan.ca("A").by(b).certificate());
            chain.add(StepCaPeerMachine.Plan.ca("B").by(a).certificate());
        }
        return new StepCaPeerIdentity(chain, leaf.key());
    }

    @Test
    void a_client_that_shows_more_certificates_than_anybody_has_is_not_listened_to() throws Exception {
        StepCaPeerClient client = new StepCaPeerClient(pki.root());
        StepCaPeerRequest renew = StepCaPeerRequest.of("POST", "/renew");
        List<StepCaPeerIdentity> mazes = List.of(maze(9), maze(11), maze(61));
        long began = System.nanoTime();
        for (StepCaPeerIdentity maze : mazes) {
            assertThat(client.send(pki.port(), renew.by(maze)).status())
                    .as("answers to %d certificates", maze.chain().size())
                    .isZero();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
        assertThat(health("GET", "").status()).isEqualTo(200);
    }

    @Test
    void an_unknown_root_is_not_found_by_name() throws Exception {
        ApiClient.Answer answer = api.get("/root/00ff");
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.member("message")).isEqualTo("root certificate with fingerprint \"00ff\" was not found");
    }

    @Test
    void unknown_paths_and_stray_slashes_are_not_found_as_text() throws Exception {
        for (String path : List.of("/", "/nothing", "/health/", "//health", "/1.0/1.0/health", "/root/", "/admin/x")) {
            ApiClient.Answer answer = api.get(path);
            assertThat(answer.status()).as(path).isEqualTo(404);
            assertThat(answer.body()).as(path).isEqualTo("404 page not found\n");
            assertThat(answer.header("Content-Type")).isEqualTo("text/plain; charset=utf-8");
            assertThat(answer.header("X-Request-Id")).isNotEmpty();
        }
    }

    @Test
    void a_wrong_method_is_not_allowed_and_head_works_where_get_does() throws Exception {
        ApiClient.Answer answer = api.send("POST", "/health");
        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.body()).isEmpty();
        assertThat(answer.header("Allow")).contains("GET");
        assertThat(api.send("OPTIONS", "/sign").header("Allow")).isEqualTo("POST");
        ApiClient.Answer head = health("HEAD", "");
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
    }

    @Test
    void a_limit_that_is_no_number_is_refused() throws Exception {
        assertThat(api.get("/provisioners?limit=x").status()).isEqualTo(400);
        assertThat(api.get("/provisioners?limit=1").status()).isEqualTo(200);
    }

    @Test
    void a_body_is_json_whatever_it_calls_itself() throws Exception {
        for (String type : List.of(
                "application/json",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
                "text/plain")) {
            ApiClient.Answer answer = api.sign(
                            api.csr("t.example"), api.token("t.example"), java.util.Map.of("Content-Type", type))
                    .get();
            assertThat(answer.status()).as(type + ": " + answer.body()).isEqualTo(201);
        }
    }

    @Test
    void what_a_client_sends_begins_no_line_of_the_log() throws Exception {
        int before = ca.lines().size();
        api.get("/provisioners?limit=1%0AERROR%20forged");
        api.get("/root/x%0AERROR%20forged%1B%5B31m");
        // Each is noted soon after its answer.
        ca.awaitLine("path=/provisioners ", before);
        ca.awaitLine("path=/root/x", before);
        assertThat(ca.lines()).noneMatch(line -> line.startsWith("ERROR") || line.contains("\u001b"));
    }

    @Test
    void a_signed_answer_has_chain_and_tls_options() throws Exception {
        ApiClient.Answer answer = api.sign(api.csr("c.example"), api.token("c.example"));
        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.body())
                .startsWith("{\"crt\":\"-----BEGIN CERTIFICATE-----\\n")
                .contains("\"ca\":\"-----BEGIN CERTIFICATE-----\\n")
                .contains("\"certChain\":[\"-----BEGIN CERTIFICATE-----\\n")
                .contains("\"tlsOptions\":{\"cipherSuites\":[\"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256\","
                        + "\"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\"],\"minVersion\":1.2,\"maxVersion\":1.3,"
                        + "\"renegotiation\":false}")
                .endsWith("}\n");
    }
}
