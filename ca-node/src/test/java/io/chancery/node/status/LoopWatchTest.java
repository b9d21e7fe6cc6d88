package io.chancery.node.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** One event loop that is held is seen, and seen to turn again. */
@ExtendWith(VertxExtension.class)
@Timeout(60)
@DisplayNameGeneration(ReplaceUnderscores.class)
class LoopWatchTest {
    private static void until(LoopWatch watch, boolean stuck) {
        while (watch.stuck().isPresent() != stuck) {
            Thread.onSpinWait();
        }
    }

    @Test
    void a_loop_that_does_not_turn_is_told_of_until_it_turns() throws Exception {
        Vertx two = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
        try {
            LoopWatch watch = new LoopWatch(Duration.ofMillis(20), Duration.ofSeconds(1));
            watch.start(two, 2).toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
            until(watch, false);
            CountDownLatch release = new CountDownLatch(1);
            two.runOnContext(hold -> {
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            until(watch, true);
            assertThat(watch.stuck()).isEqualTo(Optional.of("1 of 2 event loops have not turned for 1000 ms"));
            release.countDown();
            until(watch, false);
        } finally {
            two.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
    }
}
