package io.chancery.testing;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DroppedFuturesTest {
    /** Each throws a failure away that nobody hears of. */
    @SuppressWarnings({"unused", "CheckReturnValue", "FutureReturnValueIgnored"})
    private static final class Careless {
        static void dropsOne(Future<String> future) {
            future.map(String::length);
        }

        static void dropsOneOfThePlatform(CompletableFuture<String> future) {
            future.thenApply(String::length);
        }

        static void hearsOfSuccessAlone(Future<String> future) {
            future.onSuccess(value -> {});
        }

        static void hearsOfSuccessAloneInAVariable(Future<String> future) {
            Future<String> unused = future.map(String::strip).onSuccess(value -> {});
        }

        static void keepsItWhereNobodyLooks(Future<String> future) {
            Future<Integer> unused = future.compose(Future::succeededFuture).map(String::length);
        }

        static void keepsItAtTheEndOfABranch(CompletableFuture<String> future, boolean wanted) {
            if (wanted) {
                CompletableFuture<Integer> unused = future.thenApply(String::length);
            }
        }

        static void keepsItWhereAnotherOneWas(Future<String> future) {
            Future<String> kept = future.otherwise("");
            kept.onComplete(done -> {});
            kept = future.otherwiseEmpty();
        }

        static void goesOnAfterItHeard(Future<String> future) {
            Future<Integer> unused = future.onFailure(cause -> {}).flatMap(text -> Future.succeededFuture(1));
        }

        static void hearsOfSuccessAloneEachTime(List<Future<String>> futures) {
            futures.forEach(each -> each.onSuccess(value -> {}));
        }

        static void hearsOfAnotherOnes(Future<String> future, Future<String> other) {
            other.onFailure(cause -> {});
            future.onSuccess(value -> {});
        }
    }

    @SuppressWarnings("unused")
    private static final class Careful {
        static void hearsOfBoth(Future<String> future) {
            future.onComplete(done -> {});
        }

        static void hearsOfFailure(Future<String> future) {
            future.onSuccess(value -> {}).onFailure(cause -> {});
        }

        static void hearsOfFailureFirst(Future<String> future) {
            future.onFailure(cause -> {}).onSuccess(value -> {});
        }

        static void keepsOneThatWasHeard(Future<String> future) {
            Future<Integer> unused = future.map(String::length).onComplete(done -> {});
        }

        static void keepsOneThatWasHeardOfThePlatform(CompletableFuture<String> future) {
            CompletableFuture<String> unused = future.whenComplete((value, cause) -> {});
        }

        static void hearsOfWhicheverItIs(Future<String> future, boolean other) {
            Future<String> begun;
            if (other) {
                begun = future.otherwise("");
            } else {
                begun = future.otherwiseEmpty();
            }
            begun.onComplete(done -> {});
        }

        static Future<Integer> hearsOfTheOneBefore(Future<String> future, List<String> each) {
            Future<Integer> last = Future.succeededFuture(0);
            for (String next : each) {
                last = last.compose(before -> future.map(next::compareTo));
            }
            return last;
        }

        static Future<String> handsItOn(Future<String> future) {
            return future.onSuccess(value -> {});
        }

        static Future<String> handsItOnLater(Future<String> future) {
            Future<String> begun = future.onSuccess(value -> {});
            return begun.map(String::strip);
        }
    }

    private static List<String> in(Class<?> sample) {
        return noClasses()
                .should(new DroppedFutures())
                .evaluate(new ClassFileImporter().importClasses(sample))
                .getFailureReport()
                .getDetails();
    }

    @Test
    void a_Future_that_is_thrown_away_or_kept_where_nobody_looks_or_heard_of_when_it_succeeds_alone_is_found() {
        assertThat(in(Careless.class))
                .extracting(each -> each.replaceAll(".* the Future of |, line \\d+", ""))
                .containsExactlyInAnyOrder(
                        "io/vertx/core/Future.map",
                        "java/util/concurrent/CompletableFuture.thenApply",
                        "io/vertx/core/Future.map",
                        "java/util/concurrent/CompletableFuture.thenApply",
                        "io/vertx/core/Future.otherwiseEmpty",
                        "io/vertx/core/Future.flatMap",
                        "io/vertx/core/Future.onSuccess",
                        "io/vertx/core/Future.onSuccess",
                        "io/vertx/core/Future.onSuccess",
                        "io/vertx/core/Future.onSuccess");
    }

    @Test
    void one_whose_failure_somebody_hears_of_is_not() {
        assertThat(in(Careful.class)).isEmpty();
    }
}
