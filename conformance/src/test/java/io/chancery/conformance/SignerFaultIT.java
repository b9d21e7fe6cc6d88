package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.conformance.ApiClient.Answer;
import io.chancery.conformance.ClientLoad.Sent;
import io.chancery.conformance.StoreRows.Row;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** API and signer are two processes, and one of them stands still, dies, or is attacked. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
class SignerFaultIT {
    private static final int MOST_TRIES = 5;
    private static final String NAME = "signer.example";
    private static final int MANY = 120;
    private static final int CONNECTIONS = 1_000;
    /** The request's own limit, and what a loaded machine adds. */
    private static final int LONGEST_SECONDS = 15;

    private StepPki pki;
    private ClusterPki cluster;
    private ChanceryProcess api;
    private ChanceryProcess signer;
    private final List<String> held = new ArrayList<>();

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        pki = StepPki.init(folder);
        cluster = ClusterPki.make(pki, "cluster", Map.of("limits", Map.of("requestDeadline", "5s")));
        signer = cluster.startReady("signer");
        api = cluster.startReady("api");
    }

    @AfterEach
    void itIssuesAgain() throws Exception {
        eventuallyIssued();
    }

    @AfterAll
    void everythingIsTrue() throws Exception {
        if (cluster != null) {
            cluster.close();
        }
        StoreTruth.check(StoreRows.of(pki.database()), List.of(cluster.signatures()), pki.intermediate(), held);
    }

    @Test
    void while_the_signer_stands_still_requests_end_with_503_and_the_rest_is_served() throws Exception {
        int served = 0;
        // In a slow moment the requests end before the second answer that needs no signer.
        for (int i = 0; i < MOST_TRIES && served < 2; i++) {
            served = servedWhileTheSignerStandsStill();
        }
        assertThat(served)
                .as("answers that need no signer, while all others waited for it")
                .isGreaterThan(1);
    }

    private int servedWhileTheSignerStandsStill() throws Exception {
        eventuallyIssued();
        ApiClient client = ApiClient.of(pki);
        String csr = client.csr(NAME);
        List<Sent> sent = new ArrayList<>();
        int served = 0;
        signer.signal("STOP");
        try {
            for (int i = 0; i < 8; i++) {
                sent.add(ClientLoad.send(client, csr, client.token(NAME)));
            }
            while (sent.stream().anyMatch(request -> !request.answer().isDone())) {
                assertThat(client.get("/roots").status()).isEqualTo(201);
                assertThat(client.get("/health").status()).isIn(200, 503);
                served++;
            }
            for (Sent request : sent) {
                assertThat(request.answer().get().status()).isEqualTo(503);
                assertThat(request.answer().get().header("Retry-After")).isNotEmpty();
            }
        } finally {
            signer.signal("CONT");
        }
        eventuallyIssued();
        for (Sent request : sent.subList(0, 3)) {
            finishedOrFree(request);
        }
        return served; // the last of them may have been answered after the signer's two seconds
    }

    @Test
    void when_the_api_dies_before_the_reply_its_restart_finishes_the_request_with_the_recorded_bytes()
            throws Exception {
        ApiClient client = ApiClient.of(pki);
        String csr = client.csr(NAME);
        Sent request = null;
        for (int i = 0; i < MOST_TRIES && request == null; i++) {
            eventuallyIssued();
            signer.signal("STOP");
            try {
                Sent sent = ClientLoad.send(client, csr, client.token(NAME));
                // It is given up where it came so late that the signer was known to be silent.
                if (awaitRow(sent, Set.of("reserved", "voided")).state().equals("reserved")) {
                    api.kill();
                    request = sent;
                }
            } finally {
                signer.signal("CONT");
            }
        }
        assertThat(request).as("a request that waited for the signer").isNotNull();
        request.answer().handle((answer, failure) -> answer).join();
        // As the dead process has left it: it may have given it up in its last moment.
        Row died = awaitRow(request, Set.of("reserved", "voided"));
        api = cluster.startReady("api");
        eventuallyIssued();
        if (died.state().equals("reserved")) {
            ClusterJudge.awaitRefused(ApiClient.of(pki), request.csr(), request.token());
        }
        finishedOrFree(request, died);
    }

    @Test
    void when_the_signer_dies_with_many_requests_in_flight_each_of_them_ends() throws Exception {
        eventuallyIssued();
        ApiClient client = ApiClient.of(pki);
        ClientLoad load = ClientLoad.start(client, NAME, MANY, MANY);
        AtomicInteger flying = new AtomicInteger();
        try (load) {
            load.awaitTarget();
            // Those that waited for one commit are answered together, and the next ones sent one by one.
            ClusterJudge.await("requests in flight", 30, () -> {
                flying.set(load.inFlight().size());
                return flying.get() >= 100;
            });
            signer.kill();
            for (Sent request : load.inFlight()) {
                Answer answer = request.answer().get(LONGEST_SECONDS, TimeUnit.SECONDS);
                assertThat(answer.status()).isIn(201, 503);
            }
        }
        System.out.println("signer killed with " + flying + " requests in flight");
        signer = cluster.startReady("signer");
        eventuallyIssued();
        Map<String, Row> rows = StoreRows.of(pki.database()).byRequest();
        int finished = 0;
        for (Sent request : load.sent()) {
            if (!request.held().isEmpty()) {
                held.add(request.held());
            } else if (rows.containsKey(request.id()) && finished < 5) {
                finishedOrFree(request);
                finished++;
            }
        }
    }

    @Test
    void both_may_be_restarted_in_either_order() throws Exception {
        signer.kill();
        api.kill();
        api = cluster.start("api", "api");
        signer = cluster.startReady("signer");
        api.awaitReady();
        eventuallyIssued();
        api.kill();
        signer.kill();
        signer = cluster.startReady("signer");
        api = cluster.startReady("api");
    }

    @Test
    void at_the_bus_port_of_the_signer_only_a_certificate_of_the_clusters_ca_gets_an_answer() throws Exception {
        BusCaller nobody = BusCaller.at(cluster, "signer");
        assertThat(nobody.hello()).containsPattern("fatal alert: (certificate_required|bad_certificate)");
        assertThat(nobody.isAnswered()).isFalse();
        BusCaller forger = BusCaller.at(cluster, "signer", BusCertificates.forge(cluster, "api"), "api");
        assertThat(forger.hello()).contains("fatal alert: certificate_unknown");
        assertThat(forger.isAnswered()).isFalse();
        // That it was asked rightly shows in that a node's own certificate is answered.
        assertThat(BusCaller.at(cluster, "signer", cluster.node("api", "bus.crt"), "api")
                        .isAnswered())
                .isTrue();
    }

    @Test
    void an_expired_bus_certificate_gets_no_signature() throws Exception {
        BusCertificates.expire(cluster, "third");
        BusCaller expired = BusCaller.at(cluster, "signer", cluster.node("third", "bus.crt"), "third");
        assertThat(expired.hello()).containsPattern("fatal alert: certificate_(expired|unknown)");
        assertThat(expired.isAnswered()).isFalse();
        ChanceryProcess late = cluster.start("third", "api");
        // It has found the signer, and asked it.
        late.awaitLine("no signer: signer signer does not answer");
        late.awaitLine("the API port stays closed: no server certificate yet");
        assertThat(StepPki.text(cluster.signatures())).doesNotContain("third");
        late.kill();
    }

    @Test
    void hostile_bytes_at_bus_and_grid_harm_nobody() throws Exception {
        Random random = new Random(7);
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                String node = i % 2 == 0 ? "signer" : "api";
                int port = i % 4 < 2 ? cluster.busPort(node) : cluster.hazelcastPort(node);
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                sockets.add(socket);
                byte[] garbage = new byte[random.nextInt(300)]; // some say nothing, and stay half-open
                random.nextBytes(garbage);
                spoil(socket, garbage);
                if (i % 250 == 0) {
                    eventuallyIssued();
                }
            }
            eventuallyIssued();
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
        assertThat(Stream.concat(api.lines().stream(), signer.lines().stream())
                        .filter(line -> line.contains("OutOfMemory")))
                .isEmpty();
    }

    /** The other side may have closed by now, which is its right. */
    private static void spoil(Socket socket, byte[] garbage) {
        try {
            OutputStream out = socket.getOutputStream();
            out.write("HZC".getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0, garbage.length % 4);
            out.write(garbage);
            out.flush();
        } catch (java.io.IOException e) {
            assertThat(e).hasMessageNotContaining("unreachable");
        }
    }

    private Row awaitRow(Sent request, Set<String> states) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
        Row row;
        do {
            row = StoreRows.of(pki.database()).byRequest().get(request.id());
            assertThat(System.nanoTime() - end).as("a row %s: %s", states, row).isNegative();
        } while (row == null || !states.contains(row.state()));
        return row;
    }

    /** A reserved row's repeat gets the recorded bytes; a voided one's token is free and buys a new certificate. */
    private void finishedOrFree(Sent request) throws Exception {
        finishedOrFree(request, StoreRows.of(pki.database()).byRequest().get(request.id()));
    }

    private void finishedOrFree(Sent request, @Nullable Row row) throws Exception {
        ApiClient client = ApiClient.of(pki);
        Answer repeat = ClusterJudge.decided(30, () -> request.again(client, true));
        assertThat(repeat.status()).as("%s %s", row, repeat.body()).isEqualTo(201);
        String der = Certificates.hex(repeat.member("crt"));
        held.add(der);
        if (row != null && !row.state().equals("voided")) {
            assertThat(Certificates.tbs(Certificates.ofHex(der))).isEqualTo(row.tbs());
        }
        ClusterJudge.awaitRefused(client, request.csr(), request.token());
    }

    private void eventuallyIssued() throws Exception {
        ApiClient client = ApiClient.of(pki);
        String csr = client.csr(NAME);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        Answer last;
        do {
            last = client.sign(csr, client.token(NAME));
            if (last.status() == 201) {
                held.add(Certificates.hex(last.member("crt")));
                return;
            }
            assertThat(last.status()).isEqualTo(503);
        } while (System.nanoTime() - end < 0);
        throw new AssertionError("no certificate: " + last.body());
    }
}
