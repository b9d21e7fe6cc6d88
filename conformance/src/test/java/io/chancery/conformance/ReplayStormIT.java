package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.testing.PostgresProcess;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
    private static final int AT_ONCE = 5;
    /** The store takes so many writes before it says 503. */
    private static final int STORE_QUEUE = 1_000;

    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int LEAST_LOOKS = 10;

    /** Each offer that reached the database asked for the token's row, and only such. */
    private static final String ASKED =
            "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE query LIKE 'INSERT INTO used_token %'";

    private final List<ApiClient> apis = new ArrayList<>();
    private final List<String> tokens = new ArrayList<>();

    @Test
    void a_thousand_replays_a_second_reach_the_database_once_in_a_hundred_at_most(@TempDir Path folder)
            throws Exception {
        try (PostgresProcess server = PostgresProcess.start("shared_preload_libraries = 'pg_stat_statements'");
                EqualNodes nodes = EqualNodes.make(StepPki.init(folder), server, 3, Map.of())) {
            String unusedMade = server.sql(EqualNodes.DATABASE, "CREATE EXTENSION pg_stat_statements");
            nodes.startAll();
            for (String name : nodes.names()) {
                apis.add(nodes.api(name));
            }
            String csr = apis.get(0).csr("storm.example");
            for (int i = 0; i < TOKENS; i++) {
                String token = apis.get(0).token("storm.example");
                assertThat(apis.get(0).sign(csr, token).status()).isEqualTo(201);
                tokens.add(token);
            }
            Seen unusedWarm = storm(nodes, csr, WARM_UP);
            String unusedReset = server.sql(EqualNodes.DATABASE, "SELECT pg_stat_statements_reset()");
            Seen seen = storm(nodes, csr, REPLAYS);
            long asked = Long.parseLong(server.sql(EqualNodes.DATABASE, ASKED).strip());
            System.out.printf(
                    Locale.ROOT,
                    "%d replays at %d a second: %d reached the database (%.2f %%); at most %d of %d writes waited%n",
                    REPLAYS,
                    seen.aSecond,
                    asked,
                    100.0 * asked / REPLAYS,
                    seen.queue,
                    STORE_QUEUE);
            assertThat(seen.refused).as("answered 401").isEqualTo(REPLAYS);
            assertThat(asked).as("replays that reached the database").isLessThanOrEqualTo(REPLAYS / 100);
            assertThat(seen.queue).as("writes that waited").isLessThanOrEqualTo(STORE_QUEUE / 4);
        }
    }

    private record Seen(int refused, int queue, long aSecond) {}

    /** Offers used tokens at a steady pace, whether or not the answers keep up. */
    private Seen storm(EqualNodes nodes, String csr, int count) throws Exception {
        AtomicInteger refused = new AtomicInteger();
        List<CompletableFuture<?>> answers = new ArrayList<>();
        Gauge queue = Gauge.watch(nodes);
        long begin = System.nanoTime();
        for (int i = 0; i < count; i++) {
            if (i % AT_ONCE == 0) {
                LockSupport.parkNanos(begin + TimeUnit.SECONDS.toNanos(1) * i / A_SECOND - System.nanoTime());
            }
            String token = tokens.get(ThreadLocalRandom.current().nextInt(TOKENS));
            answers.add(apis.get(i % apis.size()).sign(csr, token, Map.of()).thenAccept(answer -> {
                int unused = answer.status() == 401 ? refused.incrementAndGet() : 0;
            }));
        }
        for (CompletableFuture<?> answer : answers) {
            Object unused = answer.get();
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
        return new Seen(refused.get(), queue.highest(), 1_000L * count / millis);
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
        int longest = 0;
        for (String name : nodes.names()) {
            for (String line : nodes.management(client, name, "/metrics").body().split("\n")) {
                if (line.startsWith("chancery_store_queue ")) {
                    longest = Math.max(longest, (int) Double.parseDouble(line.split(" ")[1]));
                }
            }
        }
        return longest;
    }
}
