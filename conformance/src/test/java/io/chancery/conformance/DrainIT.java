package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients and balancers see of a process from its SIGTERM to its end. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class DrainIT {
    @TempDir
    private Path folder;

    private static int status(String url) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    @Test
    void a_node_that_stops_says_so_at_once_issues_on_ends_kept_connections_and_then_ends() throws Exception {
        StepPki pki = StepPki.init(folder);
        pki.configure(Map.of("limits", Map.of("drain", "8s")));
        try (ChanceryProcess ca = pki.start()) {
            ca.awaitReady();
            ApiClient api = ApiClient.of(pki);
            String management = ca.awaitManagement();
            ApiClient.Answer before = api.sign(api.csr("before.example"), api.token("before.example"));
            assertThat(before.status()).isEqualTo(201);
            assertThat(before.header("Connection")).isEmpty();
            // In a slow moment it may not be.
            ClusterJudge.await("it can issue", 30, () -> status(management + "/can-issue") == 200);

            ca.signal("TERM");
            ca.awaitLine("stopping drain=PT8S");
            assertThat(status(management + "/can-issue")).isEqualTo(503);
            assertThat(status(management + "/can-read")).isEqualTo(200);
            assertThat(status(management + "/live")).isEqualTo(200);
            assertThat(api.get("/health").status()).isEqualTo(503);
            ApiClient.Answer during = api.sign(api.csr("during.example"), api.token("during.example"));
            assertThat(during.status()).as(during.body()).isEqualTo(201);
            assertThat(during.header("Connection")).isEqualTo("close");

            assertThat(ca.awaitEnd()).as("who asked for the end got it").isZero();
        }
    }

    @Test
    void a_node_alone_stops_without_waiting() throws Exception {
        StepPki pki = StepPki.init(folder);
        ChanceryProcess ca = pki.start();
        ca.awaitReady();
        ca.signal("TERM");
        ca.awaitLine("stopping drain=PT0S");
        assertThat(ca.awaitEnd()).isZero();
    }
}
