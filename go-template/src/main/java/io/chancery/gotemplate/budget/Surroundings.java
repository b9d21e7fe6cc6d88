package io.chancery.gotemplate.budget;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;

/**
 * All that a template may learn from outside, handed in: a template has no other way to a clock or to randomness.
 *
 * @param clock what {@code now} answers
 * @param nanoClock monotonic, in nanoseconds: what the limit of time is measured with; asked on the thread that runs the template alone
 * @param random a number from 0 (inclusive) to its argument (exclusive), unpredictable; called on the executing thread
 */
public record Surroundings(InstantSource clock, LongSupplier nanoClock, LongUnaryOperator random) {
    /** A clock that stands still, no limit of time and no randomness: for executions that must repeat. */
    public static Surroundings still(Instant at) {
        return new Surroundings(InstantSource.fixed(at), () -> 0, bound -> 0);
    }
}
