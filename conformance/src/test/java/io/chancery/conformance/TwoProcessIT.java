package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One process has the API and the store, another the key in a token: they meet in the grid and speak over a bus with
 * mTLS.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class TwoProcessIT {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String KEY_READY = "chancery_signer_state{issuer=\"ca.json\",state=\"ready\"} 1.0";
    private static final String KEY_HEALING = "chancery_signer_state{issuer=\"ca.json\",state=\"healing\"} 1.0";
    private static final String KEY_LOSSES = "chancery_signer_key_losses_total{issuer=\"ca.json\"}";
    private static final String KEY_RECOVERIES = "chancery_signer_key_recoveries_total{issuer=\"ca.json\"}";

    @TempDir
    private Path folder;

    private StepPki pki;
    private ClusterPki cluster;

    private void cluster(StepPki made) throws Exception {
        pki = made;
        cluster = ClusterPki.make(pki, "cluster", Map.of());
    }

    /** Both ready; the API's. */
    private ChanceryProcess signerAndApi() throws Exception {
        cluster(StepPki.init(folder));
        cluster.start("signer", "signer").awaitReady();
        ChanceryProcess api = cluster.start("api", "api");
        api.awaitReady();
        return api;
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    @Test
    void they_issue_together_each_with_its_own_part_and_a_lost_signer_is_a_503_until_it_is_back() throws Exception {
        cluster(TokenPki.init(folder));
        cluster.age(Duration.ofDays(360), "signer", "api"); // of the year that bus certificates are good for
        ChanceryProcess signer = cluster.start("signer", "signer");
        signer.awaitReady();
        ChanceryProcess api = cluster.start("api", "api");
        api.awaitReady();
        for (ChanceryProcess process : List.of(signer, api)) {
            process.awaitLine("a certificate nears its end");
        }
        ApiClient client = ApiClient.of(pki);
        String csr = client.csr("two.example");
        assertThat(client.sign(csr, client.token("two.example")).status()).isEqualTo(201);
        assertThatTheKeyIsWithTheSignerAloneAndTheStoreWithTheApi(signer, api);
        assertThatTheEndsOfCertificatesAreMeasured("signer", signer);
        assertThatTheEndsOfCertificatesAreMeasured("api", api);
        assertThatEachHasTheSignalsOfItsPart(signer.awaitManagement(), api.awaitManagement());
        assertThatTheSignerTellsOfItsKey(signer.awaitManagement(), client);

        signer.kill();
        String token = client.token("two.example");
        ApiClient.Answer refused = client.sign(csr, token);
        assertThat(refused.status()).as(refused.body()).isEqualTo(503);
        assertThat(refused.header("Retry-After")).isNotEmpty();

        cluster.start("signer", "signer").awaitReady();
        String fresh = eventuallyIssued(client, csr);
        ClusterJudge.awaitRefused(client, csr, fresh);
    }

    /** To be called when a certificate has been issued: by then everything is loaded that is needed for it. */
    private void assertThatTheKeyIsWithTheSignerAloneAndTheStoreWithTheApi(ChanceryProcess signer, ChanceryProcess api)
            throws Exception {
        assertThat(ProcessHoldings.mapped(signer))
                .anyMatch(file -> file.endsWith("/libsofthsm2.so"))
                .anyMatch(file -> file.endsWith("/libj2pkcs11.so"))
                .noneMatch(file -> file.contains("sqlitejdbc"));
        assertThat(ProcessHoldings.mapped(api))
                .noneMatch(file -> file.endsWith("/libsofthsm2.so"))
                .noneMatch(file -> file.endsWith("/libj2pkcs11.so"))
                .anyMatch(file -> file.contains("sqlitejdbc"));
        assertThat(ProcessHoldings.openFiles(api)).anyMatch(file -> file.endsWith(".db"));
        assertThat(ProcessHoldings.openFiles(signer)).noneMatch(file -> file.endsWith(".db"));
        assertThat(ProcessHoldings.listening(signer))
                .containsExactlyInAnyOrder(
                        cluster.hazelcastPort("signer"),
                        cluster.busPort("signer"),
                        URI.create(signer.awaitManagement()).getPort());
        assertThat(ProcessHoldings.listening(api))
                .containsExactlyInAnyOrder(
                        cluster.hazelcastPort("api"),
                        cluster.busPort("api"),
                        URI.create(api.awaitManagement()).getPort(),
                        pki.port());
    }

    private void assertThatTheEndsOfCertificatesAreMeasured(String node, ChanceryProcess process) throws Exception {
        Map<String, Path> certificates = Map.of(
                "chancery_root_end_seconds", pki.root(),
                "chancery_intermediate_end_seconds", pki.intermediate(),
                "chancery_cluster_ca_end_seconds", cluster.node(node, "cluster-ca.crt"),
                "chancery_bus_certificate_end_seconds", cluster.node(node, "bus.crt"));
        String metrics = get(process.awaitManagement() + "/metrics");
        for (Map.Entry<String, Path> each : certificates.entrySet()) {
            assertThat(value(metrics, each.getKey()))
                    .as("%s of %s", each.getKey(), node)
                    .isEqualTo(Certificates.read(each.getValue())
                            .getNotAfter()
                            .toInstant()
                            .getEpochSecond());
        }
    }

    private static long value(String metrics, String name) {
        return metrics.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + metrics));
    }

    /** What a process does not do it has no signal of: that path is not found. */
    private static void assertThatEachHasTheSignalsOfItsPart(String signer, String api) throws Exception {
        for (String path : List.of("/live", "/can-sign")) {
            // In a slow moment it may not be.
            eventually(path, () -> {
                HttpResponse<String> told = response(signer + path);
                return told.statusCode() == 200 && told.body().equals("{\"status\":\"ok\"}\n");
            });
        }
        for (String path : List.of("/cluster", "/metrics")) {
            assertThat(response(signer + path).statusCode()).as(path).isEqualTo(200);
        }
        for (String path : List.of("/can-issue", "/can-read")) {
            assertThat(response(signer + path).statusCode()).as(path).isEqualTo(404);
        }
        assertThat(response(api + "/can-sign").statusCode()).isEqualTo(404);
        assertThat(get(signer + "/metrics"))
                .contains("chancery_cluster_nodes{state=\"reached\"}")
                .contains("chancery_build{")
                .contains("jvm_memory_used_bytes")
                .doesNotContain("chancery_requests");
        assertThat(get(api + "/metrics")).doesNotContain("chancery_signer_state");
    }

    /** The token is taken from under it, and put back. */
    private void assertThatTheSignerTellsOfItsKey(String signer, ApiClient client) throws Exception {
        // A slow moment, as any machine has, may have cost it its key before.
        eventually("its key is ready", () -> get(signer + "/metrics").contains(KEY_READY));
        String before = get(signer + "/metrics");
        Path elsewhere = pki.file("elsewhere");
        Files.move(TokenPki.tokens(pki), elsewhere);
        assertThat(client.sign(client.csr("away.example"), client.token("away.example"))
                        .status())
                .isEqualTo(503);
        eventually("the signer says that it cannot sign", () -> {
            HttpResponse<String> told = response(signer + "/can-sign");
            return told.statusCode() == 503 && told.body().contains("the key of issuer ca.json is healing");
        });
        eventually("it tells of one more loss", () -> {
            String told = get(signer + "/metrics");
            return told.contains(KEY_HEALING) && value(told, KEY_LOSSES) == value(before, KEY_LOSSES) + 1;
        });
        Files.move(elsewhere, TokenPki.tokens(pki));
        eventually(
                "the signer signs again", () -> response(signer + "/can-sign").statusCode() == 200);
        eventually("it tells of one more recovery", () -> {
            String told = get(signer + "/metrics");
            return told.contains(KEY_READY) && value(told, KEY_RECOVERIES) == value(before, KEY_RECOVERIES) + 1;
        });
    }

    /** Tries with new tokens until one is answered with a certificate; answers that token. */
    private static String eventuallyIssued(ApiClient client, String csr) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
        ApiClient.Answer last;
        do {
            String token = client.token("two.example");
            last = client.sign(csr, token);
            if (last.status() == 201) {
                return token;
            }
            assertThat(last.status()).isEqualTo(503);
        } while (System.nanoTime() - end < 0);
        throw new AssertionError("no certificate after the signer came back: " + last.body());
    }

    @Test
    void a_second_api_node_with_a_store_of_its_own_does_not_start() throws Exception {
        cluster(StepPki.init(folder));
        ChanceryProcess second = cluster.start("signer", "all");
        assertThat(second.awaitEnd()).isEqualTo(2);
        assertThat(second.lines())
                .anyMatch(line -> line.contains("chancery.json#/cluster/apiNode") && line.contains("api"));
    }

    @Test
    void an_api_node_that_sees_another_one_with_a_store_of_its_own_issues_nothing_until_that_is_gone()
            throws Exception {
        ChanceryProcess api = signerAndApi();
        ApiClient client = ApiClient.of(pki);
        String csr = client.csr("two.example");
        assertThat(client.sign(csr, client.token("two.example")).status()).isEqualTo(201);
        ChanceryProcess third = cluster.start("third", "api");
        String canIssue = api.awaitManagement() + "/can-issue";
        String unused = third.awaitManagement(); // its start may take long
        // While it starts this node, too, may be unwell for a moment.
        eventually("it sees the other one", () -> {
            HttpResponse<String> told = response(canIssue);
            return told.statusCode() == 503
                    && told.body().contains("node third has the API, too")
                    && told.body().contains("PostgreSQL");
        });
        String token = client.token("two.example");
        ApiClient.Answer refused = client.sign(csr, token);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.body()).contains("another node has a store of its own");
        third.kill();
        eventually("it is alone again", () -> response(canIssue).statusCode() == 200);
        assertThat(client.sign(csr, token).status()).as("with the same token").isEqualTo(201);
    }

    @Test
    void a_process_with_a_bus_certificate_of_another_cluster_is_told_so_and_does_not_start() throws Exception {
        cluster(StepPki.init(folder));
        cluster.takeBusFiles("third", ClusterPki.make(pki, "strangers", Map.of()));
        cluster.start("signer", "signer").awaitReady();
        cluster.start("api", "api").awaitReady();
        ApiClient client = ApiClient.of(pki);
        ChanceryProcess stranger = cluster.start("third", "api");
        assertThat(stranger.awaitEnd()).isEqualTo(1);
        assertThat(stranger.lines())
                .anyMatch(line -> line.contains("this node does not belong to it") && line.contains("cluster CA"));
        assertThat(client.sign(client.csr("two.example"), client.token("two.example"))
                        .status())
                .isEqualTo(201);
        assertThat(StepPki.text(cluster.signatures())).doesNotContain("third");
    }

    @Test
    void a_replay_is_answered_by_the_grid_without_the_store() throws Exception {
        ChanceryProcess api = signerAndApi();
        ApiClient client = ApiClient.of(pki);
        String csr = client.csr("two.example");
        String token = client.token("two.example");
        assertThat(client.sign(csr, token).status()).isEqualTo(201);
        String management = api.awaitManagement();
        // The first answers may come too late for their few milliseconds: then the store refuses the token.
        eventually("refused by the grid", () -> {
            ClusterJudge.awaitRefused(client, csr, token);
            return get(management + "/metrics").contains("chancery_grid_asked_total{answer=\"used\"} 1.0");
        });
        assertThat(client.sign(csr, client.token("two.example")).status()).isEqualTo(201);
    }

    @Test
    void the_status_shows_who_is_there_and_what_they_sign_with() throws Exception {
        ChanceryProcess api = signerAndApi();
        String management = api.awaitManagement();
        eventually("they reach each other", () -> !get(management + "/cluster").contains("\"reached\":false"));
        Commands.Result status = Commands.run(
                        pki.folder(),
                        Map.of(),
                        Path.of(System.getProperty("chancery.home"), "bin/chancery")
                                .toString(),
                        "cluster",
                        "status",
                        "--config",
                        cluster.node("api", "ca.json").toString(),
                        "--management",
                        management.substring("http://".length()))
                .succeeded();
        assertThat(status.output())
                .containsPattern("(?m)^api +api .* - +- .*this node$")
                .containsPattern("(?m)^signer +signer +\\S+ +[0-9a-f]{12} +[0-9.]+ ms ");
    }

    private static void eventually(String what, Callable<Boolean> holds) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
        while (!holds.call()) {
            assertThat(System.nanoTime() - end).as(what).isNegative();
        }
    }

    private static String get(String url) throws Exception {
        return response(url).body();
    }

    private static HttpResponse<String> response(String url) throws Exception {
        return HTTP.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void a_process_that_names_another_cluster_stays_alone_and_issues_nothing() throws Exception {
        cluster(StepPki.init(folder));
        cluster.start("signer", "signer").awaitReady();
        Map<String, Object> own = new HashMap<>(JSONObjectUtils.getJSONObject(
                JSONObjectUtils.parse(StepPki.text(cluster.node("api", "chancery.json"))), "cluster"));
        own.put("name", "somebody-elses");
        cluster.set("api", Map.of("cluster", own));
        ChanceryProcess api = cluster.start("api", "api");
        api.awaitLine("the API port stays closed: no server certificate yet");
        assertThat(StepPki.text(cluster.signatures())).isEmpty();
    }
}
