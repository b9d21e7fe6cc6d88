package io.chancery.gotemplate.budget;

import java.time.Instant;

/**
 * What is left to one execution. Every loop of the evaluator and of the functions ticks here, and every text or list is charged
 * before it is made, so that neither time nor memory runs away. One thread.
 */
public final class Budget {
    /** How deep values may be nested to be printed, compared or copied. */
    public static final int VALUE_DEPTH = 100;

    /** What each element of a new list or dict is charged: about the octets that it takes. */
    public static final int ELEMENT = 32;

    private static final int TICKS_PER_LOOK = 256;

    private final Limits limits;
    private final Surroundings surroundings;
    private final long began;
    private long size;
    private int ticks;

    public Budget(Limits limits, Surroundings surroundings) {
        this.limits = limits;
        this.surroundings = surroundings;
        this.began = surroundings.nanoClock().getAsLong();
        this.size = limits.workingSize();
    }

    public Limits limits() {
        return limits;
    }

    /** The time of day. */
    public Instant now() {
        return surroundings.clock().instant();
    }

    /** A number from 0 (inclusive) to {@code bound} (exclusive); {@code bound} is at least 1. */
    public long random(long bound) {
        return surroundings.random().applyAsLong(bound);
    }

    /** One small step of work; BudgetExceeded when the time is up. */
    public void tick() {
        if (++ticks >= TICKS_PER_LOOK) {
            look();
        }
    }

    /** Looks at the clock now; BudgetExceeded when the time is up. */
    public void look() {
        ticks = 0;
        if (surroundings.nanoClock().getAsLong() - began > limits.time().toNanos()) {
            throw new BudgetExceeded(
                    "the template ran for longer than " + limits.time().toMillis() + " ms");
        }
    }

    /** Takes characters or elements that are about to be made; BudgetExceeded when there are not so many left. */
    public void charge(long amount) {
        tick();
        if (amount > 4096) {
            look();
        }
        if (amount > size) {
            throw new BudgetExceeded("the template's values are larger than " + limits.workingSize() + " in all");
        }
        size -= Math.max(amount, 0);
    }

    /** Refuses values that are nested too deep, or hold themselves. */
    public void depth(int depth) {
        tick();
        if (depth > VALUE_DEPTH) {
            throw new BudgetExceeded("a value is nested deeper than " + VALUE_DEPTH);
        }
    }
}
