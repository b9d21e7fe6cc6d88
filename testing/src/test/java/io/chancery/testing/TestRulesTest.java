package io.chancery.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TestRulesTest {
    /** Does what no test may, to be found. */
    @SuppressWarnings("unused")
    static final class Impatient {
        private static final Function<Future<String>, CompletionStage<String>> STAGE = Future::toCompletionStage;

        static Vertx vertx() {
            return Vertx.vertx();
        }

        static Vertx vertxWithLimits() {
            return Vertx.vertx(new VertxOptions());
        }

        static String value(Future<String> future) {
            return future.await();
        }

        static void sleepEach(List<Integer> times) {
            times.forEach(millis -> {
                try {
                    Thread.sleep(millis);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
    }

    @Test
    void
            calls_that_wait_or_make_a_Vertx_without_limits_are_found_in_methods_lambdas_and_references_and_nowhere_else_in_this_module() {
        assertThat(TestRules.brokenBesides(TestRulesTest.class))
                .allMatch(each -> each.startsWith("io/chancery/testing/TestRulesTest$Impatient, line "))
                .extracting(each -> each.replaceAll(".* calls |:.*", ""))
                .containsExactlyInAnyOrder(
                        "io/vertx/core/Future.toCompletionStage",
                        "io/vertx/core/Vertx.vertx",
                        "io/vertx/core/Future.await",
                        "java/lang/Thread.sleep");
    }
}
