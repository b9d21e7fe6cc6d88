package io.chancery.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BlockedThreadWatchTest {
    private static final String REPORT =
            "Thread Thread[vert.x-eventloop-thread-0,5,main] has been blocked for %d ms, time limit is 200 ms";

    private final CountDownLatch released = new CountDownLatch(1);

    @Test
    void an_event_loop_that_waits_is_reported_at_the_strict_limit() throws Exception {
        isReported(this::awaitRelease);
    }

    @Test
    void an_event_loop_that_stands_before_a_synchronized_block_is_reported_at_the_strict_limit() throws Exception {
        Object monitor = new Object();
        CountDownLatch held = new CountDownLatch(1);
        Thread holder = new Thread(() -> {
            synchronized (monitor) {
                held.countDown();
                awaitRelease();
            }
        });
        holder.setDaemon(true);
        holder.start();
        held.await();
        isReported(() -> {
            synchronized (monitor) {
                held.countDown();
            }
        });
    }

    private void awaitRelease() {
        try {
            boolean unused = released.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void isReported(Runnable onTheLoop) throws Exception {
        Vertx vertx = StrictVertx.make();
        // What the first line of a process's log costs is not the watch's.
        LoggerFactory.getLogger(BlockedThreadWatchTest.class).warn("an event loop is about to be blocked");
        CountDownLatch reported = new CountDownLatch(1);
        Context loop = vertx.getOrCreateContext();
        loop.runOnContext(nothing -> onTheLoop.run());
        AtomicReference<String> report = new AtomicReference<>("");
        Thread watcher = new Thread(() -> {
            List<String> found = BlockedThreadWatch.drain();
            while (found.isEmpty()) {
                Thread.onSpinWait();
                found = BlockedThreadWatch.drain();
            }
            report.set(found.get(0));
            reported.countDown();
        });
        watcher.setDaemon(true);
        watcher.start();
        boolean isReported = reported.await(10, TimeUnit.SECONDS);
        released.countDown(); // or the loop would be reported to the next tests
        assertThat(isReported).isTrue();
        assertThat(report.get()).as("before the limit of one that computes").containsPattern(" for [1-4]?\\d{3} ms");
        watcher.join();
        CountDownLatch free = new CountDownLatch(1);
        loop.runOnContext(nothing -> free.countDown());
        assertThat(free.await(4, TimeUnit.SECONDS)).isTrue();
        // With its checker, which might report what it saw once more.
        Answers.of(vertx.close());
        BlockedThreadWatch.drain(); // the extension is not to fail this test
    }

    @Test
    void one_that_computes_has_five_seconds() {
        List<String> computing = List.of("io.chancery.core.Something.compute");
        assertThat(BlockedThreadWatch.fails(REPORT.formatted(4_999), computing)).isFalse();
        assertThat(BlockedThreadWatch.fails(REPORT.formatted(5_000), computing)).isTrue();
    }

    @Test
    void one_that_waits_for_a_lock_or_a_file_has_not() {
        assertThat(BlockedThreadWatch.fails(REPORT.formatted(201), List.of("jdk.internal.misc.Unsafe.park")))
                .isTrue();
        assertThat(BlockedThreadWatch.fails(REPORT.formatted(201), List.of("java.io.RandomAccessFile.readBytes")))
                .isTrue();
    }

    @Test
    void one_that_opens_a_file_or_asks_what_there_is_of_one_has_not() {
        for (String call : List.of(
                "sun.nio.fs.UnixNativeDispatcher.open0",
                "sun.nio.fs.UnixNativeDispatcher.stat0",
                "sun.nio.fs.LinuxNativeDispatcher.fgetxattr0",
                "java.io.UnixFileSystem.getBooleanAttributes0")) {
            assertThat(BlockedThreadWatch.fails(REPORT.formatted(201), List.of(call)))
                    .as(call)
                    .isTrue();
        }
    }

    @Test
    void one_that_waits_for_another_to_load_a_class_or_for_another_loop_to_deploy_counts_as_computing() {
        List<String> loading = List.of("java.lang.ClassLoader.getClassLoadingLock", "jdk.internal.loader.X.loadClass");
        assertThat(BlockedThreadWatch.fails(REPORT.formatted(355), loading, true))
                .isFalse();
        List<String> other = List.of("io.chancery.core.Something.compute");
        assertThat(BlockedThreadWatch.fails(REPORT.formatted(355), other, true)).isTrue();
        assertThat(BlockedThreadWatch.fails(REPORT.formatted(355), other, false))
                .isFalse();
        List<String> deploying = List.of("io.vertx.core.net.impl.tcp.NetServerImpl.bind");
        assertThat(BlockedThreadWatch.fails(REPORT.formatted(355), deploying, true))
                .isFalse();
    }

    @Test
    void a_write_to_a_socket_of_the_loop_counts_as_computing_and_one_to_a_file_as_waiting() {
        String write = "sun.nio.ch.FileDispatcherImpl.writev0";
        List<String> socket = List.of(write, "sun.nio.ch.SocketDispatcher.writev");
        List<String> file = List.of(write, "sun.nio.ch.FileDispatcherImpl.writev");
        assertThat(BlockedThreadWatch.fails(REPORT.formatted(240), socket)).isFalse();
        assertThat(BlockedThreadWatch.fails(REPORT.formatted(240), file)).isTrue();
    }

    @Test
    void one_that_reads_a_class_from_its_jar_counts_as_computing() {
        List<String> loading = List.of("java.io.RandomAccessFile.readBytes", "jdk.internal.loader.Resource.getBytes");
        assertThat(BlockedThreadWatch.fails(REPORT.formatted(355), loading)).isFalse();
        List<String> initializing = List.of("java.io.FileInputStream.readBytes", "sun.net.NetProperties.<clinit>");
        assertThat(BlockedThreadWatch.fails(REPORT.formatted(470), initializing))
                .isFalse();
    }
}
