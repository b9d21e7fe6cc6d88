package io.chancery.cli.start;

import io.vertx.core.Future;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Waits for what starts, on a thread that may; for two minutes at most, as several may start at once on a small machine. */
final class Waiting {
    private static final long MOST_SECONDS = 120;

    private Waiting() {}

    static <T> T await(String what, Future<T> future) throws StartException {
        try {
            return future.toCompletionStage().toCompletableFuture().get(MOST_SECONDS, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException e) {
            throw new StartException(what + " did not start: " + reason(e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted", e);
        } catch (java.util.concurrent.TimeoutException e) {
            throw new StartException(what + " did not start within " + MOST_SECONDS + " s", e);
        }
    }

    /** Waits until one of both is there, for as long as that takes; answers the end when it is. */
    static Optional<Integer> endedFirst(CompletableFuture<Integer> ended, CompletableFuture<?> ready) {
        CompletableFuture<Optional<Integer>> first = new CompletableFuture<>();
        var unused = ended.whenComplete((code, failure) -> {
            boolean ignored =
                    failure == null ? first.complete(Optional.of(code)) : first.completeExceptionally(failure);
        });
        var unusedToo = ready.whenComplete((value, failure) -> {
            boolean ignored = first.complete(Optional.empty());
        });
        return first.join();
    }

    static String reason(@org.jspecify.annotations.Nullable Throwable cause) {
        if (cause == null) {
            return "unknown";
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }
}
