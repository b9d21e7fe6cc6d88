package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.testing.PostgresProcess;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Used tokens, offered again a thousand times a second at all nodes: the grid keeps them from the database. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("long")
class ReplayStormIT {
    private static final int TOKENS = 300;
    private static final int WARM_UP = 10_000;
    private static final int REPLAYS = 10_000;
    private static final int A_SECOND = 1_000;
    /** Somewhat more, as the last of them is answered somewhat after its second. */
    private static final int OFFERED = 1_050;
    /** Of each node, kept open: a client's own handshakes are not what is measured. */
    private static final int CONNECTIONS = 12;

    private static final long STORM_SECONDS = 120;
    /** The store takes so many writes before it says 503. */
    private static final int STORE_QUEUE = 1_000;

    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final int LEAST_LOOKS = 10;

    /** Each offer that reached the database asked for the token's row, and only such. */
    private static final String ASKED =
            "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE query LIKE 'INSERT INTO used_token %'";

    /** All that it ran meanwhile, the nodes' own looks at it as well. */
    private static final String ALL = "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements";

    /** Requests that were answered with a certificate. */
    private final List<String> replayed = new ArrayList<>();

    @Test
    void a_thousand_replays_a_second_reach_the_database_once_in_a_hundred_at_most(@TempDir Path folder)
            throws Exception {
        try (PostgresProcess server = PostgresProcess.start("shared_preload_libraries = 'pg_stat_statements'");
                EqualNodes nodes = EqualNodes.make(StepPki.init(folder), server, 3, Map.of())) {
            String unusedMade = server.sql(EqualNodes.DATABASE, "CREATE EXTENSION pg_stat_statements");
            nodes.startAll();
            ApiClient api = nodes.api("n1");
            String csr = api.csr("storm.example");
            for (int i = 0; i < TOKENS; i++) {
                String body = JSONObjectUtils.toJSONString(Map.of("csr", csr, "ott", api.token("storm.example")));
                assertThat(api.post(body, Map.of()).get().status()).isEqualTo(201);
                replayed.add(body);
            }
            Seen unusedWarm = storm(nodes, WARM_UP);
            String unusedReset = server.sql(EqualNodes.DATABASE, "SELECT pg_stat_statements_reset()");
            Seen seen = storm(nodes, REPLAYS);
            long asked = Long.parseLong(server.sql(EqualNodes.DATABASE, ASKED).strip());
            long all = Long.parseLong(server.sql(EqualNodes.DATABASE, ALL).strip());
            System.out.printf(
                    Locale.ROOT,
                    "%d replays, %.0f a second: %d known by the grid, %d reached the database (%.2f %%), which ran %d"
                            + " statements in all; at most %d of %d writes waited%n",
                    REPLAYS,
                    seen.aSecond,
                    seen.byGrid,
                    asked,
                    100.0 * asked / REPLAYS,
                    all,
                    seen.queue,
                    STORE_QUEUE);
            assertThat(seen.refused).as("answered 401").isEqualTo(REPLAYS);
            assertThat(seen.aSecond).as("a second").isGreaterThanOrEqualTo(A_SECOND);
            assertThat(seen.byGrid).as("refused by the grid").isGreaterThanOrEqualTo(REPLAYS * 99 / 100);
            assertThat(asked).as("replays that reached the database").isLessThanOrEqualTo(REPLAYS / 100);
            assertThat(seen.queue).as("writes that waited").isLessThanOrEqualTo(STORE_QUEUE / 4);
        }
    }

    /**
     * What became of a storm.
     *
     * @param refused answered 401
     * @param byGrid of them, those that the grid knew
     * @param queue the longest that was seen
     * @param aSecond answers
     */
    private record Seen(int refused, long byGrid, int queue, double aSecond) {}

    /** Offers used tokens at a steady pace, whether or not the answers keep up. */
    private Seen storm(EqualNodes nodes, int count) throws Exception {
        long knownBefore = knownByGrid(nodes);
        List<String> arguments = new ArrayList<>(List.of(
                nodes.pki().root().toString(),
                String.valueOf(CONNECTIONS),
                String.valueOf(OFFERED),
                String.valueOf(count)));
        nodes.names().forEach(name -> arguments.add(nodes.url(name)));
        Gauge queue = Gauge.watch(nodes);
        try (GoProgram replays =
                GoProgram.start(String.join("\n", replayed) + "\n", "replays", arguments.toArray(String[]::new))) {
            String unused = replays.await("over", 1, STORM_SECONDS);
            int highest = queue.highest();
            long millis = Long.parseLong(replays.events("took").get(0));
            System.out.println("storm: " + replays.events("answered") + " in " + millis + " ms; the latest was sent "
                    + replays.events("latest") + " ms after it was due; CPU ticks of the nodes " + nodes.cpuTicks());
            int refused = replays.events("answered").stream()
                    .filter(answered -> answered.startsWith("401 "))
                    .mapToInt(answered -> Integer.parseInt(answered.substring(4)))
                    .sum();
            return new Seen(refused, knownByGrid(nodes) - knownBefore, highest, 1_000.0 * count / millis);
        }
    }

    private static long knownByGrid(EqualNodes nodes) throws Exception {
        long known = 0;
        for (String name : nodes.names()) {
            known += (long)
                    metric(nodes, HttpClient.newHttpClient(), name, "chancery_grid_asked_total{answer=\"used\"}");
        }
        return known;
    }

    private static double metric(EqualNodes nodes, HttpClient client, String node, String name) throws Exception {
        return nodes.management(client, node, "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .sum();
    }

    /** Looks at every node's queue again and again, while the storm goes on. */
    private static final class Gauge {
        private final EqualNodes nodes;
        private final HttpClient client = HttpClient.newHttpClient();
        private final CompletableFuture<Integer> highest = new CompletableFuture<>();
        private volatile boolean over;

        private Gauge(EqualNodes nodes) {
            this.nodes = nodes;
        }

        static Gauge watch(EqualNodes nodes) {
            Gauge gauge = new Gauge(nodes);
            Thread thread = new Thread(gauge::look, "queue-gauge");
            thread.setDaemon(true);
            thread.start();
            return gauge;
        }

        private void look() {
            try {
                int queue = 0;
                int looks = 0;
                while (!over || looks < LEAST_LOOKS) {
                    queue = Math.max(queue, queue(nodes, client));
                    looks++;
                    LockSupport.parkNanos(LOOK_AGAIN_NANOS);
                }
                boolean unused = highest.complete(queue);
            } catch (Exception e) {
                boolean unused = highest.completeExceptionally(e);
            }
        }

        int highest() throws Exception {
            over = true;
            return highest.get(1, TimeUnit.MINUTES);
        }
    }

    /** The longest queue that any node shows at this moment. */
    private static int queue(EqualNodes nodes, HttpClient client) throws Exception {
        double longest = 0;
        for (String name : nodes.names()) {
            longest = Math.max(longest, metric(nodes, client, name, "chancery_store_queue"));
        }
        return (int) longest;
    }
}
