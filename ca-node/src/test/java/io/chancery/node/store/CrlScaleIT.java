package io.chancery.node.store;

import static io.chancery.node.store.RevocationContract.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.config.ChanceryConfig.Replication;
import io.chancery.core.config.PostgresSource;
import io.chancery.core.crl.TbsCrl;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.revocation.CrlJob;
import io.chancery.node.revocation.CrlSettings;
import io.chancery.node.revocation.ListSigner;
import io.chancery.testing.Answers;
import io.chancery.testing.PostgresProcess;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a list of many takes, and what other writes wait meanwhile; no event loop stands still (the watch sees to it). */
@Tag("long")
@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class CrlScaleIT {
    private static final int BATCH = 10_000;
    private static final CrlSettings SETTINGS =
            new CrlSettings(true, Duration.ofHours(24), Duration.ofHours(16), Optional.of("https://ca/crl"));

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {100_000, 1_000_000})
    void in_sqlite(int count, Vertx vertx) throws Exception {
        try (Store store =
                SqliteStore.open(folder, new StoreSettings("n1", 1000, false, "birth"), InstantSource.system())) {
            measure("SQLite", store, count, vertx);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {100_000, 1_000_000})
    void in_postgresql(int count, Vertx vertx) throws Exception {
        try (PostgresProcess server = PostgresProcess.start()) {
            PostgresSource source =
                    PostgresSource.parse(server.dataSource(server.createDatabase("scale")), Optional.empty());
            try (Store store = PostgresStore.open(
                    source, Replication.asynchronous, folder, new StoreSettings("n1", 1000, false, "birth"))) {
                measure("PostgreSQL", store, count, vertx);
            }
        }
    }

    private static void measure(String name, Store store, int count, Vertx vertx) throws Exception {
        fill(store, count);
        ListSigner signer = new ListSigner(Instant.now());
        // On a worker thread, with a look at each entry, as the real one does it on the signer's.
        signer.answer = tbs -> vertx.executeBlocking(
                () -> {
                    assertThat(TbsCrl.parse(tbs.bytes()).entries()).isGreaterThanOrEqualTo(count);
                    return signer.signed(tbs).result();
                },
                false);
        CrlJob job = new CrlJob(
                vertx,
                new CrlJob.Ports(store.lists(), signer, ListSigner.NOWHERE),
                signer.issuer,
                new PublicKeys(new BouncyCastleProvider()),
                (published, took) -> {});
        job.use(Optional.of(SETTINGS));
        Duration first = timed(() -> get(job.wanted()));
        long[] longest = {0};
        Future<Void> again = job.wanted();
        int probes = 0;
        while (!again.isComplete()) {
            long began = System.nanoTime();
            long unused = get(store.probe(soon())).number();
            longest[0] = Math.max(longest[0], System.nanoTime() - began);
            probes++;
        }
        Duration one = timed(() -> {
            boolean unused = get(store.writer()
                    .submit(
                            session -> RevocationRows.insert(
                                    session, RevocationRows.NewRow.byJob("9" + "7".repeat(38), 1, 9_999_999_999L)),
                            soon()));
            return get(job.wanted());
        });
        int octets = job.shelf().current().orElseThrow().der().length();
        System.err.printf(
                "%s, %,d revoked: list of %,d octets; first build %d ms; one more revocation until it is listed %d ms;"
                        + " a write beside a build waits %d ms at most (%d writes)%n",
                name,
                count,
                octets,
                first.toMillis(),
                one.toMillis(),
                TimeUnit.NANOSECONDS.toMillis(longest[0]),
                probes);
        assertThat(octets).isGreaterThan(30 * count);
    }

    private static <T> T get(Future<T> future) throws Exception {
        return Answers.of(future, Duration.ofMinutes(5));
    }

    private static Duration timed(java.util.concurrent.Callable<?> work) throws Exception {
        long began = System.nanoTime();
        Object unused = work.call();
        return Duration.ofNanos(System.nanoTime() - began);
    }

    private static void fill(Store store, int count) throws Exception {
        BigInteger base = BigInteger.ONE.shiftLeft(127);
        for (int from = 0; from < count; from += BATCH) {
            int start = from;
            int unused = get(store.writer()
                    .submit(
                            session -> {
                                for (int i = start; i < start + BATCH; i++) {
                                    boolean unusedRow = RevocationRows.insert(
                                            session,
                                            RevocationRows.NewRow.byJob(
                                                    base.add(BigInteger.valueOf(i * 7_919L))
                                                            .toString(),
                                                    1_700_000_000L + i,
                                                    9_999_999_999L));
                                }
                                return BATCH;
                            },
                            Deadline.in(Duration.ofMinutes(1))));
        }
    }
}
