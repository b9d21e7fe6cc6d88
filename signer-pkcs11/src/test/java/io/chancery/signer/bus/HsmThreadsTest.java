package io.chancery.signer.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.testing.Answers;
import io.chancery.testing.StrictVertx;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class HsmThreadsTest {
    private static final int THREADS = 1;
    private static final int QUEUE = 1;

    private final Vertx vertx = StrictVertx.make();
    private final Context context = vertx.getOrCreateContext();
    private volatile boolean exhausted = true;
    private final HsmThreads threads = new HsmThreads(THREADS, QUEUE, task -> {
        if (exhausted) {
            throw new OutOfMemoryError("unable to create native thread");
        }
        return new Thread(task);
    });

    @AfterEach
    void close() throws Exception {
        threads.close();
        Answers.of(vertx.close());
    }

    @Test
    void a_thread_that_the_system_does_not_give_costs_no_place_in_the_queue() throws Exception {
        for (int tries = 0; tries <= THREADS + QUEUE; tries++) {
            assertThatThrownBy(() -> threads.run(context, () -> true))
                    .isInstanceOf(RejectedExecutionException.class)
                    .hasCauseInstanceOf(OutOfMemoryError.class);
        }
        exhausted = false;
        assertThat(Answers.of(threads.run(context, () -> true))).isTrue();
    }
}
