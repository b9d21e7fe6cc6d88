package io.chancery.node.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.node.issuance.Deadline;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RequestWorkersTest {
    private final Vertx vertx = Vertx.vertx();
    private final RequestWorkers workers = RequestWorkers.forTemplates(vertx);

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void templates_run_on_threads_of_their_own() throws Exception {
        String thread = workers.run(
                        Deadline.in(Duration.ofMinutes(1)),
                        () -> Thread.currentThread().getName())
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        assertThat(thread).startsWith("chancery-templates");
    }

    @Test
    void what_comes_to_its_turn_too_late_is_not_begun() throws Exception {
        AtomicBoolean begun = new AtomicBoolean();
        Throwable failure = workers.run(Deadline.in(Duration.ZERO), () -> begun.getAndSet(true))
                .<Throwable>map(done -> new AssertionError("begun"))
                .otherwise(cause -> cause)
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        assertThat(failure)
                .isInstanceOfSatisfying(
                        CaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED));
        assertThat(begun).isFalse();
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void one_more_than_may_wait_is_refused_at_once_until_the_others_are_done() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        Deadline soon = Deadline.in(Duration.ofSeconds(20));
        Future<Boolean> last = Future.succeededFuture(false);
        for (int i = 0; i < RequestWorkers.MOST; i++) {
            last = workers.run(soon, () -> held.await(20, TimeUnit.SECONDS));
        }
        ErrorCode refusal = get(workers.run(soon, () -> "begun")
                .transform(done -> Future.succeededFuture(((CaException) done.cause()).code())));
        held.countDown();
        assertThat(refusal).isEqualTo(ErrorCode.OVERLOADED);
        assertThat(get(last)).isTrue();
        assertThat(get(workers.run(soon, () -> "begun"))).isEqualTo("begun");
    }
}
