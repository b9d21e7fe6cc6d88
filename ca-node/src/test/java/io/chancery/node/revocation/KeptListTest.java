package io.chancery.node.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.crl.SignedCrl;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.node.store.SqliteStore;
import io.chancery.node.store.Store;
import io.chancery.node.store.StoreException;
import io.chancery.node.store.StoreSettings;
import io.chancery.testing.MutableInstantSource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.reflect.Proxy;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A list that a node has served is there again at its next start, also without the store; and nothing else is. */
@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class KeptListTest {
    private static final Instant START = Instant.parse("2026-11-24T12:00:00Z");
    private static final CrlSettings AT_ONCE =
            new CrlSettings(true, Duration.ofHours(1), Duration.ofMinutes(40), Optional.of("https://ca/crl"));
    private static final PublicKeys KEYS = new PublicKeys(new BouncyCastleProvider());

    private final MutableInstantSource clock = new MutableInstantSource(START);

    @TempDir
    private Path folder;

    private Store store;
    private ListSigner signer;

    @BeforeEach
    void open() throws Exception {
        store = open("store");
        signer = new ListSigner(START);
    }

    private Store open(String name) throws StoreException {
        return SqliteStore.open(folder.resolve(name), new StoreSettings("n1", 1000, false, "birth"), clock);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private Path file() {
        return folder.resolve("list-" + signer.issuer.hash().hex() + ".crl");
    }

    private KeptList.Place place() {
        return new KeptList.Place(folder, clock);
    }

    private CrlJob job(Vertx vertx, CrlLedger lists, KeptList.Place place) {
        CrlJob job =
                new CrlJob(vertx, new CrlJob.Ports(lists, signer, place), signer.issuer, KEYS, (published, took) -> {});
        job.use(Optional.of(AT_ONCE));
        return job;
    }

    /** A store that is away. */
    private static CrlLedger away() {
        return (CrlLedger) Proxy.newProxyInstance(
                CrlLedger.class.getClassLoader(),
                new Class<?>[] {CrlLedger.class},
                (proxy, method, arguments) -> Future.failedFuture("the store is away"));
    }

    /** Makes so many lists, one after the other; succeeds with the last one when that is kept. */
    private Future<CrlShelf.Listed> made(Vertx vertx, int lists) {
        CrlJob job = job(vertx, store.lists(), place());
        Future<Void> last = Future.succeededFuture();
        for (int i = 0; i < lists; i++) {
            last = last.compose(done -> job.wanted());
        }
        return last.compose(done -> until(vertx, () -> isKept(job.shelf().number())))
                .map(done -> job.shelf().current().orElseThrow());
    }

    private boolean isKept(BigInteger number) throws IOException {
        return Files.exists(file())
                && SignedCrl.read(signer.issuer, Files.readAllBytes(file()), KEYS)
                        .number()
                        .equals(number);
    }

    /** Looks every few milliseconds, on a worker thread; the test's own time limits it. */
    private static Future<Void> until(Vertx vertx, Callable<Boolean> condition) {
        return vertx.executeBlocking(condition, false)
                .compose(holds -> holds
                        ? Future.succeededFuture()
                        : vertx.timer(5, TimeUnit.MILLISECONDS).compose(later -> until(vertx, condition)));
    }

    @Test
    void a_node_that_starts_while_the_store_is_away_serves_the_list_that_it_had(Vertx vertx, VertxTestContext test) {
        CrlJob started = job(vertx, away(), place());
        made(vertx, 1)
                .compose(list -> {
                    started.start();
                    return until(vertx, () -> started.shelf().current().isPresent())
                            .map(list);
                })
                .onComplete(test.succeeding(list -> test.verify(() -> {
                    started.stop();
                    assertThat(started.shelf().current().orElseThrow()).isEqualTo(list);
                    assertThat(signer.asked).hasSize(1);
                    test.completeNow();
                })));
    }

    @Test
    void of_several_lists_the_last_one_is_kept_whole_for_its_owner_alone(Vertx vertx, VertxTestContext test) {
        made(vertx, 3)
                .onComplete(test.succeeding(list -> test.verify(() -> {
                    assertThat(Files.readAllBytes(file())).isEqualTo(list.der().getBytes());
                    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                            .isEqualTo("rw-------");
                    assertThat(file().resolveSibling(file().getFileName() + ".new"))
                            .doesNotExist();
                    test.completeNow();
                })));
    }

    @Test
    void what_a_killed_process_left_half_written_is_in_nobody_s_way(Vertx vertx, VertxTestContext test)
            throws Exception {
        Path left = Files.write(file().resolveSibling(file().getFileName() + ".new"), new byte[100]);
        made(vertx, 1)
                .onComplete(test.succeeding(list -> test.verify(() -> {
                    assertThat(left).doesNotExist();
                    test.completeNow();
                })));
    }

    /** What may have become of the file. */
    enum Damage {
        CUT_OFF,
        EMPTY,
        ONE_BIT_OTHER,
        MORE_BEHIND_IT,
        TOO_LARGE;

        Path on(Path file, byte[] whole) throws IOException {
            return switch (this) {
                case CUT_OFF -> Files.write(file, Arrays.copyOf(whole, whole.length - 1));
                case EMPTY -> Files.write(file, new byte[0]);
                case ONE_BIT_OTHER -> {
                    byte[] other = whole.clone();
                    other[whole.length / 2] ^= 1;
                    yield Files.write(file, other);
                }
                case MORE_BEHIND_IT -> Files.write(file, Arrays.copyOf(whole, whole.length + 1));
                case TOO_LARGE -> {
                    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
                        sparse.setLength(70L * 1024 * 1024);
                    }
                    yield file;
                }
            };
        }
    }

    @Test
    void one_that_is_not_whole_is_not_served(Vertx vertx, VertxTestContext test) {
        KeptList kept = new KeptList(vertx, place(), signer.issuer, KEYS);
        Future<List<Damage>> served = made(vertx, 1)
                .compose(list -> vertx.executeBlocking(() -> Files.readAllBytes(file())))
                .compose(whole -> {
                    Future<List<Damage>> tried = kept.load().map(found -> {
                        test.verify(() -> assertThat(found).isPresent());
                        return new ArrayList<>();
                    });
                    for (Damage damage : Damage.values()) {
                        tried = tried.compose(before -> vertx.executeBlocking(() -> damage.on(file(), whole))
                                .compose(done -> kept.load())
                                .map(found -> {
                                    found.ifPresent(list -> before.add(damage));
                                    return before;
                                }));
                    }
                    return tried;
                });
        served.onComplete(test.succeeding(all -> test.verify(() -> {
            assertThat(all).isEmpty();
            test.completeNow();
        })));
    }

    @Test
    void one_of_another_issuer_is_not_served(Vertx vertx, VertxTestContext test) throws Exception {
        ListSigner other = new ListSigner(START); // of the same name
        KeptList kept = new KeptList(vertx, place(), other.issuer, KEYS);
        made(vertx, 1)
                .compose(list -> vertx.executeBlocking(() -> Files.move(
                        file(), folder.resolve("list-" + other.issuer.hash().hex() + ".crl"))))
                .compose(moved -> kept.load())
                .onComplete(test.succeeding(found -> test.verify(() -> {
                    assertThat(found).isEmpty();
                    test.completeNow();
                })));
    }

    @Test
    void one_that_has_ended_is_not_served(Vertx vertx, VertxTestContext test) {
        KeptList kept = new KeptList(vertx, place(), signer.issuer, KEYS);
        made(vertx, 1)
                .compose(list -> {
                    clock.advance(Duration.ofHours(1).minusSeconds(1));
                    return kept.load();
                })
                .compose(good -> {
                    test.verify(() -> assertThat(good).isPresent());
                    clock.advance(Duration.ofSeconds(1));
                    return kept.load();
                })
                .onComplete(test.succeeding(ended -> test.verify(() -> {
                    assertThat(ended).isEmpty();
                    test.completeNow();
                })));
    }

    @Test
    void a_list_that_cannot_be_kept_is_served_all_the_same(Vertx vertx, VertxTestContext test) throws Exception {
        Path full = Files.createFile(folder.resolve("no folder"));
        CrlJob job = job(vertx, store.lists(), new KeptList.Place(full, clock));
        job.wanted()
                .compose(done -> job.wanted())
                .onComplete(test.succeeding(done -> test.verify(() -> {
                    assertThat(job.shelf().current()).isPresent();
                    assertThat(signer.asked).hasSize(2);
                    test.completeNow();
                })));
    }

    /** One whose worker threads do not take the first of what they are given. */
    private static Vertx busyOnce(Vertx vertx) {
        AtomicBoolean refused = new AtomicBoolean();
        return (Vertx) Proxy.newProxyInstance(
                Vertx.class.getClassLoader(),
                new Class<?>[] {Vertx.class},
                (proxy, method, arguments) -> method.getName().equals("executeBlocking") && !refused.getAndSet(true)
                        ? Future.failedFuture(new RejectedExecutionException("no thread"))
                        : method.invoke(vertx, arguments));
    }

    @Test
    void a_list_that_no_thread_could_write_keeps_no_later_one_from_being_written(Vertx vertx, VertxTestContext test) {
        KeptList kept = new KeptList(busyOnce(vertx), place(), signer.issuer, KEYS);
        CrlJob job = job(vertx, store.lists(), ListSigner.NOWHERE);
        job.wanted()
                .compose(done -> {
                    kept.keep(job.shelf().current().orElseThrow());
                    return job.wanted();
                })
                .compose(done -> {
                    kept.keep(job.shelf().current().orElseThrow());
                    return until(vertx, () -> isKept(job.shelf().number()));
                })
                .onComplete(test.succeedingThenComplete());
    }

    @Test
    void a_store_that_was_put_back_goes_on_above_the_list_that_was_kept(Vertx vertx, VertxTestContext test)
            throws Exception {
        Future<CrlShelf.Listed> kept = made(vertx, 1);
        Store putBack = open("put back");
        kept.compose(list -> {
                    clock.advance(Duration.ofMinutes(-1)); // so that its own count stays below
                    CrlJob earlier = job(vertx, putBack.lists(), ListSigner.NOWHERE);
                    return earlier.wanted().map(list);
                })
                .compose(list -> {
                    CrlJob started = job(vertx, putBack.lists(), place());
                    started.start();
                    return until(vertx, () -> started.shelf().number().compareTo(list.number()) > 0)
                            .compose(done ->
                                    until(vertx, () -> isKept(started.shelf().number())))
                            .onSuccess(done -> started.stop())
                            .map(list);
                })
                .onComplete(test.succeeding(list -> test.verify(() -> {
                    assertThat(signer.asked)
                            .isEqualTo(List.of(
                                    list.number(),
                                    BigInteger.valueOf(START.minusSeconds(60).toEpochMilli()),
                                    list.number().add(BigInteger.ONE)));
                    putBack.close();
                    test.completeNow();
                })));
    }
}
