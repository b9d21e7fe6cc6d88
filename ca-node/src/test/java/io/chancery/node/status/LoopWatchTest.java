package io.chancery.node.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.testing.Answers;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.junit5.Checkpoint;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** One event loop that is held is seen, and seen to turn again: by the test's own thread, since a loop is held. */
@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class LoopWatchTest {
    private static void until(LoopWatch watch, boolean stuck) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (watch.stuck().isPresent() != stuck) {
            assertThat(System.nanoTime() - end).as("stuck: %s", stuck).isNegative();
            Thread.onSpinWait();
        }
    }

    @Test
    void a_loop_that_does_not_turn_is_told_of_until_it_turns(VertxTestContext test) throws Exception {
        Vertx two = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
        CountDownLatch release = new CountDownLatch(1);
        Checkpoint held = test.checkpoint();
        Checkpoint closed = test.checkpoint();
        try {
            LoopWatch watch = new LoopWatch(Duration.ofMillis(20), Duration.ofSeconds(1));
            Answers.of(watch.start(two, 2));
            until(watch, false);
            two.runOnContext(hold -> test.verify(() -> {
                release.await();
                held.flag();
            }));
            until(watch, true);
            assertThat(watch.stuck()).isEqualTo(Optional.of("1 of 2 event loops have not turned for 1000 ms"));
            release.countDown();
            until(watch, false);
        } finally {
            release.countDown();
            two.close().onComplete(test.succeeding(done -> closed.flag()));
        }
    }
}
