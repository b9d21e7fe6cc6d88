package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.conformance.ApiClient.Answer;
import io.chancery.conformance.ClientLoad.Sent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** More than one node can bear: it says so at once, harms nobody that it has admitted, and is well afterwards. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
class OverloadIT {
    private static final String NAME = "overload.example";
    /** {@code ./run faults} takes 2,000. */
    private static final int REQUESTS = Integer.getInteger("overload.requests", 100);

    private static final int ADMITTED = 20;
    private static final int AT_A_TIME = 250;
    private static final int MORE_FILES = 40;
    private static final int FEW_FILES = 3;

    private StepPki pki;
    private ChanceryProcess ca;
    private ApiClient api;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        pki = StepPki.init(folder);
        pki.configure(Map.of("limits", Map.of("inFlight", ADMITTED)));
        ca = pki.start();
        ca.awaitReady();
        api = ApiClient.of(pki);
    }

    @AfterAll
    void stop() throws Exception {
        if (ca != null) {
            ca.close();
        }
    }

    @Test
    void more_at_once_than_are_admitted_all_end_and_those_over_the_limit_are_told_to_try_again() throws Exception {
        String csr = api.csr(NAME);
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            tokens.add(api.token(NAME));
        }
        openConnections();
        List<Sent> sent = new ArrayList<>();
        // What is sent while it stands still it finds all at once afterwards.
        ca.signal("STOP");
        try {
            for (String token : tokens) {
                sent.add(ClientLoad.send(api, csr, token));
            }
        } finally {
            ca.signal("CONT");
        }
        int issued = 0;
        int refused = 0;
        for (Sent request : sent) {
            Answer answer = ended(request);
            if (answer == null) {
                continue;
            }
            assertThat(answer.status()).as(answer.body()).isIn(201, 503);
            issued += answer.status() == 201 ? 1 : 0;
            if (answer.status() == 503) {
                assertThat(answer.header("Retry-After")).isNotEmpty();
                refused++;
            }
        }
        System.out.println("of " + REQUESTS + " at once: " + issued + " issued, " + refused + " told to try again");
        assertThat(issued).isPositive();
        assertThat(refused).isPositive();
        nobodyIsInFlight();
        assertThat(api.sign(csr, api.token(NAME)).status()).isEqualTo(201);
        assertThat(StoreRows.of(pki.database()).boughtTwice()).isEmpty();
    }

    /** The answer; null when its connection was closed, as the server may do with one that was idle. */
    private static @Nullable Answer ended(Sent request) throws Exception {
        try {
            return request.answer().get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(IOException.class);
            return null;
        }
    }

    /** Each admitted request has given its place back. */
    private void nobodyIsInFlight() throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        HttpRequest metrics = HttpRequest.newBuilder(URI.create(ca.awaitManagement() + "/metrics"))
                .timeout(Duration.ofSeconds(20))
                .build();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        String text;
        do {
            text = http.send(metrics, HttpResponse.BodyHandlers.ofString()).body();
            assertThat(System.nanoTime() - end)
                    .as("places in the gate are lost: %s", text)
                    .isNegative();
        } while (!text.contains("chancery_requests_in_flight 0.0"));
    }

    /**
     * The handshakes are done before, or their cost would spread the requests in time. Some more at a time: all at once they
     * take longer than clients wait, on a machine where both sides are slow at first. While the node stands still, no
     * connection that is open serves two requests.
     */
    private void openConnections() throws Exception {
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i += AT_A_TIME) {
            ca.signal("STOP");
            try {
                for (int k = 0; k < Math.min(REQUESTS, i + AT_A_TIME); k++) {
                    answers.add(api.post("{}", Map.of()));
                }
            } finally {
                ca.signal("CONT");
            }
            for (CompletableFuture<Answer> answer : answers) {
                assertThat(answer.handle((got, failure) -> true).join()).isTrue();
            }
            answers.clear();
        }
    }

    @Test
    void out_of_file_descriptors_it_recovers_when_connections_go() throws Exception {
        String csr = api.csr(NAME);
        nobodyIsInFlight();
        assertThat(api.sign(csr, api.token(NAME)).status()).isEqualTo(201);
        long limit = ProcessHoldings.openFiles(ca).size() + (long) MORE_FILES;
        limitFiles(limit);
        try {
            List<Socket> sockets = new ArrayList<>();
            try {
                for (int i = 0; i < 2 * MORE_FILES; i++) {
                    sockets.add(new Socket(InetAddress.getLoopbackAddress(), pki.port()));
                }
                // Some are open for a moment only, and may be closed just when they are counted.
                ClusterJudge.await(
                        "all its descriptors are in use",
                        30,
                        () -> ProcessHoldings.openFiles(ca).size() >= limit - FEW_FILES);
                assertThat(ca.isAlive()).isTrue();
            } finally {
                for (Socket socket : sockets) {
                    socket.close();
                }
            }
            ClusterJudge.await("a certificate after the connections went", 30, () -> issues(csr));
        } finally {
            limitFiles(4_096);
        }
    }

    private boolean issues(String csr) throws Exception {
        try {
            return ApiClient.of(pki).sign(csr, api.token(NAME)).status() == 201;
        } catch (ExecutionException e) {
            return false; // no connection yet
        }
    }

    private void limitFiles(long files) throws Exception {
        Commands.run(pki.folder(), Map.of(), "prlimit", "--pid", Long.toString(ca.pid()), "--nofile=" + files + ":")
                .succeeded();
    }

    @Test
    void a_single_node_listens_on_its_api_and_management_port_alone() throws Exception {
        int management = Integer.parseInt(ca.awaitManagement().replaceAll(".*:", ""));
        assertThat(ProcessHoldings.listening(ca)).containsExactlyInAnyOrder(pki.port(), management);
    }
}
