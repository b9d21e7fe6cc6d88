package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One process has the API and the store, another the key: they meet in the grid and speak over a bus with mTLS. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class TwoProcessIT {
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

    @Test
    void they_issue_together_and_a_lost_signer_is_a_503_until_it_is_back() throws Exception {
        ChanceryProcess signer = cluster.start("signer", "signer");
        signer.awaitReady();
        ChanceryProcess api = cluster.start("api", "api");
        api.awaitReady();
        ApiClient client = ApiClient.of(pki);
        String csr = client.csr("two.example");
        assertThat(client.sign(csr, client.token("two.example")).status()).isEqualTo(201);
        assertThat(librariesOf(api)).noneMatch(line -> line.contains("j2pkcs11") || line.contains("softhsm"));

        signer.kill();
        String token = client.token("two.example");
        ApiClient.Answer refused = client.sign(csr, token);
        assertThat(refused.status()).as(refused.body()).isEqualTo(503);
        assertThat(refused.header("Retry-After")).isNotEmpty();

        cluster.start("signer", "signer").awaitReady();
        String fresh = eventuallyIssued(client, csr);
        assertThat(client.sign(csr, fresh).status()).isEqualTo(401);
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
        ChanceryProcess second = cluster.start("signer", "all");
        assertThat(second.awaitEnd()).isEqualTo(2);
        assertThat(second.lines())
                .anyMatch(line -> line.contains("chancery.json#/cluster/apiNode") && line.contains("api"));
    }

    @Test
    void a_process_with_a_bus_certificate_of_another_cluster_is_told_so_and_does_not_start() throws Exception {
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
        cluster.start("signer", "signer").awaitReady();
        ChanceryProcess api = cluster.start("api", "api");
        api.awaitReady();
        ApiClient client = ApiClient.of(pki);
        String csr = client.csr("two.example");
        String token = client.token("two.example");
        assertThat(client.sign(csr, token).status()).isEqualTo(201);
        String management = api.awaitManagement();
        // The first answers may come too late for their few milliseconds: then the store refuses the token.
        eventually("refused by the grid", () -> {
            assertThat(client.sign(csr, token).status()).isEqualTo(401);
            return get(management + "/metrics").contains("chancery_grid_asked_total{answer=\"used\"} 1.0");
        });
        assertThat(client.sign(csr, client.token("two.example")).status()).isEqualTo(201);
    }

    @Test
    void the_status_shows_who_is_there_and_what_they_sign_with() throws Exception {
        cluster.start("signer", "signer").awaitReady();
        ChanceryProcess api = cluster.start("api", "api");
        api.awaitReady();
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
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void a_process_that_names_another_cluster_stays_alone_and_issues_nothing() throws Exception {
        cluster.start("signer", "signer").awaitReady();
        Map<String, Object> own = new HashMap<>(JSONObjectUtils.getJSONObject(
                JSONObjectUtils.parse(StepPki.text(cluster.node("api", "chancery.json"))), "cluster"));
        own.put("name", "somebody-elses");
        cluster.set("api", Map.of("cluster", own));
        ChanceryProcess api = cluster.start("api", "api");
        api.awaitLine("the API port stays closed: no server certificate yet");
        assertThat(StepPki.text(cluster.signatures())).isEmpty();
    }

    private static List<String> librariesOf(ChanceryProcess process) throws IOException {
        try (Stream<String> maps = Files.lines(Path.of("/proc/" + process.pid() + "/maps"))) {
            return maps.toList();
        }
    }
}
