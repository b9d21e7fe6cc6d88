package io.chancery.node.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.node.issuance.Deadline;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class RequestWorkersTest {
    private RequestWorkers workers;

    @BeforeEach
    void open(Vertx vertx) {
        workers = RequestWorkers.forTemplates(vertx);
    }

    private static ErrorCode code(Throwable failure) {
        return ((CaException) failure).code();
    }

    @Test
    void templates_run_on_threads_of_their_own(VertxTestContext test) {
        workers.run(
                        Deadline.in(Duration.ofMinutes(1)),
                        () -> Thread.currentThread().getName())
                .onComplete(test.succeeding(thread -> test.verify(() -> {
                    assertThat(thread).startsWith("chancery-templates");
                    test.completeNow();
                })));
    }

    @Test
    void what_comes_to_its_turn_too_late_is_not_begun(VertxTestContext test) {
        AtomicBoolean begun = new AtomicBoolean();
        workers.run(Deadline.in(Duration.ZERO), () -> begun.getAndSet(true))
                .onComplete(test.failing(failure -> test.verify(() -> {
                    assertThat(code(failure)).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
                    assertThat(begun).isFalse();
                    test.completeNow();
                })));
    }

    @Test
    void one_more_than_may_wait_is_refused_at_once_until_the_others_are_done(VertxTestContext test) {
        CountDownLatch held = new CountDownLatch(1);
        Deadline soon = Deadline.in(Duration.ofSeconds(20));
        List<Future<Boolean>> holding = new ArrayList<>();
        for (int i = 0; i < RequestWorkers.MOST; i++) {
            holding.add(workers.run(soon, () -> held.await(20, TimeUnit.SECONDS)));
        }
        workers.run(soon, () -> "begun").onComplete(test.failing(failure -> {
            held.countDown();
            test.verify(() -> assertThat(code(failure)).isEqualTo(ErrorCode.OVERLOADED));
            Future.all(holding)
                    .compose(all -> workers.run(soon, () -> all.list()))
                    .onComplete(test.succeeding(ended -> test.verify(() -> {
                        assertThat(ended).containsOnly(true);
                        test.completeNow();
                    })));
        }));
    }
}
