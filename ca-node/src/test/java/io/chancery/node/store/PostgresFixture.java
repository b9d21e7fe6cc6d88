package io.chancery.node.store;

import static io.chancery.node.store.LedgerContract.get;
import static io.chancery.node.store.LedgerContract.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.config.ChanceryConfig.Replication;
import io.chancery.core.config.PostgresSource;
import io.chancery.core.error.CaException;
import io.chancery.node.issuance.IssuanceLedger.Claim;
import io.chancery.node.issuance.IssuanceLedger.Reservation;
import io.chancery.testing.PostgresProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A PostgreSQL of each test's own, and stores on it as nodes open them; all of it is gone when the test ends. */
@SuppressWarnings("NullAway.Init")
abstract class PostgresFixture {
    static final String DATABASE = "chancery";

    @TempDir
    Path folder;

    private final AtomicInteger processes = new AtomicInteger();
    private final List<AutoCloseable> open = new ArrayList<>();
    PostgresProcess server;
    LedgerFixture fixture;

    @BeforeEach
    void startServer() throws Exception {
        server = closed(PostgresProcess.startInMemory("wal_level = replica", "max_wal_senders = 5"));
        assertThat(server.createDatabase(DATABASE)).isEqualTo(DATABASE);
        // A little later than the epoch that a new store begins.
        fixture = LedgerFixture.create(Instant.now().plusSeconds(20));
    }

    @AfterEach
    void closeAll() throws Exception {
        Collections.reverse(open);
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    <T extends AutoCloseable> T closed(T later) {
        open.add(later);
        return later;
    }

    static PostgresSource source(PostgresProcess... servers) {
        String hosts = String.join(
                ",",
                java.util.Arrays.stream(servers)
                        .map(s -> "127.0.0.1:" + s.port())
                        .toList());
        return PostgresSource.parse("postgresql://postgres@" + hosts + "/" + DATABASE, Optional.empty());
    }

    Store store(String node) throws StoreException {
        return store(node, Replication.asynchronous, false, server);
    }

    Store store(String node, Replication replication, boolean startEmpty, PostgresProcess... servers)
            throws StoreException {
        StoreSettings settings = new StoreSettings(node, 1000, startEmpty, "process-" + processes.incrementAndGet());
        return closed(PostgresStore.open(source(servers), replication, folder, settings));
    }

    /** Nodes that each open the store, use it and close it. */
    void startAtOnce(String... names) throws Exception {
        List<Thread> starts = new ArrayList<>();
        List<Exception> failures = Collections.synchronizedList(new ArrayList<>());
        for (String node : names) {
            Thread start = new Thread(() -> {
                try (Store store = PostgresStore.open(
                        source(server),
                        Replication.asynchronous,
                        folder,
                        new StoreSettings(node, 10, false, "p-" + node))) {
                    assertThat(awaitProbe(store)).isNotNull();
                } catch (Exception e) {
                    failures.add(e);
                }
            });
            start.start();
            starts.add(start);
        }
        for (Thread start : starts) {
            start.join();
        }
        assertThat(failures).isEmpty();
    }

    /** The database is made anew, with what it had. */
    void dumpAndPutBack() throws Exception {
        String dump = folder.resolve("dump").toString();
        server.dump(DATABASE, dump);
        assertThat(server.sql("postgres", "DROP DATABASE " + DATABASE)).isEmpty();
        assertThat(server.createDatabase(DATABASE)).isEqualTo(DATABASE);
        server.restore(DATABASE, dump);
    }

    static Reservation reserve(Store store, Claim claim) throws Exception {
        return get(store.ledger().reserve(claim, soon()));
    }

    /** Asks again and again until the store answers, as a node does; fails after half a minute. */
    static Store.Probe awaitProbe(Store store) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (true) {
            try {
                return get(store.probe(soon()));
            } catch (CaException e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
                java.util.concurrent.locks.LockSupport.parkNanos(
                        Duration.ofMillis(50).toNanos());
            }
        }
    }

    String sql(String statement) throws Exception {
        return server.sql(DATABASE, statement);
    }

    void does(String statement) throws Exception {
        assertThat(sql(statement)).isNotNull();
    }
}
