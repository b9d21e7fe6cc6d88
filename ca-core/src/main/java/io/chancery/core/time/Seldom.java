package io.chancery.core.time;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Lets what strangers can cause at will be said once in a while. Any thread. */
public final class Seldom {
    private final long quietNanos;
    private final LongSupplier nanos;
    private long last;

    /**
     * @param quiet how long nothing is due after something was
     * @param nanos as {@link System#nanoTime} counts them
     */
    public Seldom(Duration quiet, LongSupplier nanos) {
        this.quietNanos = quiet.toNanos();
        this.nanos = nanos;
        this.last = nanos.getAsLong() - quietNanos;
    }

    /** Whether it may be said now, and then not again for a while; the first time at once. */
    public synchronized boolean due() {
        long now = nanos.getAsLong();
        if (now - last < quietNanos) {
            return false;
        }
        last = now;
        return true;
    }
}
