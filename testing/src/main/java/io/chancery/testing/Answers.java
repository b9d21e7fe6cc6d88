package io.chancery.testing;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.junit5.VertxTestContext;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * What Futures bring, for a test that goes on with each of them line by line, as those of a store or a grid do: every line
 * rests on what the one before has changed there. Each is handed to a {@link VertxTestContext} of its own, and waited for
 * on the thread of the test.
 *
 * <p>Where an event loop does what is tested, a method takes the context that {@code VertxExtension} makes for it, and
 * nothing waits.
 */
public final class Answers {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Answers() {}

    /**
     * What it brings within 30 seconds.
     *
     * @throws Exception what it failed with
     */
    @CanIgnoreReturnValue
    public static <T> T of(Future<T> future) throws Exception {
        return of(future, PATIENCE);
    }

    /** As above, with another limit. */
    @CanIgnoreReturnValue
    public static <T> T of(Future<T> future, Duration patience) throws Exception {
        await(future, patience);
        if (future.cause() instanceof Exception cause) {
            throw cause;
        }
        if (future.failed()) {
            throw new AssertionError(future.cause());
        }
        return future.result();
    }

    /** What it fails with, within 30 seconds. */
    public static Throwable failureOf(Future<?> future) throws InterruptedException {
        await(future, PATIENCE);
        if (future.succeeded()) {
            throw new AssertionError("it did not fail, but brought " + future.result());
        }
        return future.cause();
    }

    private static void await(Future<?> future, Duration patience) throws InterruptedException {
        if (Context.isOnEventLoopThread()) {
            throw new IllegalStateException("an event loop never waits, in a test neither");
        }
        VertxTestContext test = new VertxTestContext();
        future.onComplete(done -> test.completeNow());
        if (!test.awaitCompletion(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("no answer within " + patience.toMillis() + " ms");
        }
    }
}
