package io.chancery.node.issuance;

import java.time.Duration;

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

    /** This deadline or the given time from now, whichever comes first. */
    public Deadline within(Duration time) {
        long other = System.nanoTime() + time.toNanos();
        return other - nanoTime < 0 ? new Deadline(other) : this;
    }
}
