package io.chancery.node.issuance;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * When a request must be over, by this process's monotonic clock ({@link System#nanoTime()}). It is carried along and
 * only ever shrinks.
 */
public record Deadline(long nanoTime) {
    public static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    /** What is left; zero or negative when it has passed. */
    public Duration left() {
        return Duration.ofNanos(nanoTime - System.nanoTime());
    }

    public boolean passed() {
        return nanoTime - System.nanoTime() <= 0;
    }

    /** The store's answer, or STORE_UNAVAILABLE when it has not come by then. */
    public <T> Future<T> forStore(Future<T> answer) {
        return answer.timeout(Math.max(1, left().toMillis()), TimeUnit.MILLISECONDS)
                .recover(cause -> cause instanceof TimeoutException
                        ? Future.failedFuture(
                                CaException.hidden(ErrorCode.STORE_UNAVAILABLE, "the store did not answer in time"))
                        : Future.failedFuture(cause));
    }

    /** This deadline or the given time from now, whichever comes first. */
    public Deadline within(Duration time) {
        long other = System.nanoTime() + time.toNanos();
        return other - nanoTime < 0 ? new Deadline(other) : this;
    }
}
