package io.chancery.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class AnswersTest {
    @Test
    void what_comes_later_is_waited_for(Vertx vertx) throws Exception {
        assertThat(Answers.of(vertx.timer(5).map("came"))).isEqualTo("came");
    }

    @Test
    void a_failure_is_thrown_as_it_is_or_answered_where_it_is_wanted() throws Exception {
        IOException failure = new IOException("away");
        assertThatThrownBy(() -> Answers.of(Future.failedFuture(failure))).isSameAs(failure);
        assertThat(Answers.failureOf(Future.failedFuture(failure))).isSameAs(failure);
    }

    @Test
    void an_answer_where_a_failure_is_wanted_fails_the_test() {
        assertThatThrownBy(() -> Answers.failureOf(Future.succeededFuture("came")))
                .isInstanceOf(AssertionError.class)
                .hasMessage("it did not fail, but brought came");
    }

    @Test
    void what_never_comes_is_given_up() {
        assertThatThrownBy(() -> Answers.of(Promise.promise().future(), Duration.ofMillis(10)))
                .isInstanceOf(AssertionError.class)
                .hasMessage("no answer within 10 ms");
    }

    @Test
    void an_event_loop_may_not_wait(Vertx vertx, VertxTestContext test) {
        vertx.runOnContext(loop -> test.verify(() -> {
            assertThatThrownBy(() -> Answers.of(Future.succeededFuture()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("never waits");
            test.completeNow();
        }));
    }
}
