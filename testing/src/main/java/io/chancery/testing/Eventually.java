package io.chancery.testing;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What comes to be so while a test waits, and tells nobody: it is looked at again and again, not for ever, and an interrupt
 * of the test's thread ends that.
 */
public final class Eventually {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long PAUSE_MILLIS = 5;

    private Eventually() {}

    /** Whether it is so by now. */
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws Exception;
    }

    /**
     * Blocks until it is so, for 30 seconds.
     *
     * @param what is waited for, in the message of the error when it never is
     */
    public static void holds(String what, Condition condition) throws Exception {
        holds(what, PATIENCE, condition);
    }

    /** As above, with another limit. */
    public static void holds(String what, Duration patience, Condition condition) throws Exception {
        long end = System.nanoTime() + patience.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within " + patience.toMillis() + " ms: " + what);
            }
            boolean unused = new CountDownLatch(1).await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }
}
