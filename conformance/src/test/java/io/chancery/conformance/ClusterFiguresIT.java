package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.softhsm.Pkcs11Shim;
import io.chancery.testing.PostgresProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What nodes, grid and bus cost and bring, measured side by side on one machine; clients and database share its cores. Not a
 * test of speed: figures are printed, and each must only come from certificates that were issued. {@code ./run bench cluster}.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("long")
class ClusterFiguresIT {
    private static final long SECONDS = Long.getLong("figures.seconds", 10);
    private static final int ROUNDS = 3;
    private static final int TICKS_A_SECOND = 100;

    private record Figure(double aSecond, double cpuMillis) {}

    @Test
    void issuance_of_one_node_and_of_three_and_what_grid_and_bus_cost(@TempDir Path folder) throws Exception {
        try (PostgresProcess server = PostgresProcess.start();
                EqualNodes nodes = EqualNodes.make(StepPki.init(folder), server, 3, Map.of())) {
            // It is never asked to sign: the grid refuses a node that is alone of three.
            nodes.start("n2", "signer", ChanceryProcess.AS_SHIPPED).awaitReady();
            nodes.start("n1", "all", ChanceryProcess.AS_SHIPPED).awaitReady();
            Figure grid = best(nodes, List.of("n1"), 16);
            nodes.close();
            for (String name : nodes.names()) {
                nodes.start(name, "all", ChanceryProcess.AS_SHIPPED).awaitReady();
            }
            Figure three = best(nodes, nodes.names(), 16);
            nodes.close();
            nodes.start("n2", "signer", ChanceryProcess.AS_SHIPPED).awaitReady();
            nodes.start("n1", "api", ChanceryProcess.AS_SHIPPED).awaitReady();
            Figure bus = best(nodes, List.of("n1"), 16);
            nodes.close();
            nodes.withoutCluster("n3");
            nodes.start("n3", "all", ChanceryProcess.AS_SHIPPED).awaitReady();
            Figure alone = best(nodes, List.of("n3"), 16);
            print("one node without a cluster", alone, "itself", alone);
            print("one node that signs itself, in a grid of two", grid, "one alone", alone);
            print("the same, but signed by the other, over the bus", bus, "the one before", grid);
            print("three equal nodes", three, "one alone", alone);
        }
    }

    @Test
    void growth_from_one_signer_to_three_where_a_signature_takes_5_ms(@TempDir Path folder) throws Exception {
        for (int sessions : new int[] {2, 16}) {
            StepPki pki = TokenPki.init(Files.createDirectories(folder.resolve("sessions-" + sessions)));
            try (Pkcs11Shim shim = Pkcs11Shim.around(TokenPki.library())) {
                shim.signaturesTake(Duration.ofMillis(5));
                Files.writeString(
                        pki.caJson(),
                        StepPki.text(pki.caJson())
                                .replace(
                                        TokenPki.library().toString(),
                                        shim.modulePath().toString()),
                        StandardCharsets.UTF_8);
                growth(pki, sessions);
            }
        }
    }

    private static void growth(StepPki pki, int sessions) throws Exception {
        Map<String, NodePlace> places = new LinkedHashMap<>(EqualNodes.onLoopback(4));
        try (PostgresProcess server = PostgresProcess.start();
                EqualNodes nodes = EqualNodes.make(
                        pki,
                        server,
                        server.dataSource(EqualNodes.DATABASE),
                        places,
                        Map.of("limits", Map.of("pkcs11Sessions", sessions)))) {
            nodes.start("n2", "signer", ChanceryProcess.AS_SHIPPED).awaitReady();
            nodes.start("n1", "api", ChanceryProcess.AS_SHIPPED).awaitReady();
            Figure one = best(nodes, List.of("n1"), 64);
            for (String name : List.of("n3", "n4")) {
                nodes.start(name, "signer", ChanceryProcess.AS_SHIPPED).awaitReady();
            }
            ClusterJudge.await(
                    "all signers reached", 60, () -> nodes.reachedBy("n1").containsAll(List.of("n2", "n3", "n4")));
            Figure three = best(nodes, List.of("n1"), 64);
            System.out.printf(
                    Locale.ROOT,
                    "5 ms a signature, %d sessions a signer: one signer %.0f/s, three signers %.0f/s (%.2f times)%n",
                    sessions,
                    one.aSecond,
                    three.aSecond,
                    three.aSecond / one.aSecond);
        }
    }

    private static void print(String what, Figure figure, String of, Figure than) {
        System.out.printf(
                Locale.ROOT,
                "%s: %.0f certificates/s (%.2f of %s), %.2f ms of CPU a certificate (%+.2f ms)%n",
                what,
                figure.aSecond,
                figure.aSecond / than.aSecond,
                of,
                figure.cpuMillis,
                figure.cpuMillis - than.cpuMillis);
    }

    /** The best of some rounds, after one that warms up: another program's burst slows, and nothing hastens. */
    private static Figure best(EqualNodes nodes, List<String> asked, int clients) throws Exception {
        Figure unusedWarmUp = measure(nodes, asked, clients);
        Figure best = new Figure(0, 0);
        for (int i = 0; i < ROUNDS; i++) {
            Figure figure = measure(nodes, asked, clients);
            best = List.of(best, figure).stream()
                    .max(Comparator.comparingDouble(Figure::aSecond))
                    .orElseThrow();
        }
        return best;
    }

    private static Figure measure(EqualNodes nodes, List<String> asked, int clients) throws Exception {
        try (ClusterLoad load = ClusterLoad.startAt(nodes, asked, clients)) {
            load.awaitMore(clients, 0, 60);
            long ticks = nodes.cpuTicks();
            int before = load.issued();
            long begin = System.nanoTime();
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(SECONDS));
            int issued = load.issued() - before;
            double seconds = (System.nanoTime() - begin) / 1e9;
            assertThat(issued).isPositive();
            return new Figure(issued / seconds, 1_000.0 * (nodes.cpuTicks() - ticks) / TICKS_A_SECOND / issued);
        }
    }
}
