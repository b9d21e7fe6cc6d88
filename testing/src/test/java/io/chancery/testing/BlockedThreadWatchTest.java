package io.chancery.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BlockedThreadWatchTest {
    private static final String REPORT =
            "Thread Thread[vert.x-eventloop-thread-0,5,main] has been blocked for %d ms, time limit is 200 ms";

    @Test
    void an_event_loop_that_waits_is_reported_at_the_strict_limit() throws Exception {
        Path options = Path.of(System.getProperty("vertx.parameter.filename"));
        Vertx vertx = Vertx.vertx(new VertxOptions(new JsonObject(Files.readString(options))));
        CountDownLatch reported = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        Context loop = vertx.getOrCreateContext();
        loop.runOnContext(nothing -> {
            try {
                released.await(5, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Thread watcher = new Thread(() -> {
            while (BlockedThreadWatch.drain().isEmpty()) {
                Thread.onSpinWait();
            }
            reported.countDown();
        });
        watcher.setDaemon(true);
        watcher.start();
        assertThat(reported.await(4, TimeUnit.SECONDS)).isTrue();
        released.countDown();
        watcher.join();
        CountDownLatch free = new CountDownLatch(1);
        loop.runOnContext(nothing -> free.countDown());
        assertThat(free.await(4, TimeUnit.SECONDS)).isTrue();
        // With its checker, which might report what it saw once more.
        Answers.of(vertx.close());
        BlockedThreadWatch.drain(); // the extension is not to fail this test
    }

    @Test
    void one_that_computes_has_two_seconds() {
        List<String> computing = List.of("io.chancery.core.Something.compute");
        assertThat(BlockedThreadWatch.fails(REPORT.formatted(1_999), computing)).isFalse();
        assertThat(BlockedThreadWatch.fails(REPORT.formatted(2_000), computing)).isTrue();
    }

    @Test
    void one_that_waits_for_a_lock_or_a_file_has_not() {
        assertThat(BlockedThreadWatch.fails(REPORT.formatted(201), List.of("jdk.internal.misc.Unsafe.park")))
                .isTrue();
        assertThat(BlockedThreadWatch.fails(REPORT.formatted(201), List.of("java.io.RandomAccessFile.readBytes")))
                .isTrue();
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
