package io.chancery.gotemplate.budget;

import java.time.Duration;

/**
 * What one execution may use.
 *
 * @param time from the start of the execution to its end
 * @param outputOctets of the result, as UTF-8
 * @param workingSize characters and elements of all intermediate values together; what bounds memory
 * @param templateDepth of templates that call each other
 */
public record Limits(Duration time, int outputOctets, long workingSize, int templateDepth) {
    /** 100 ms, 1 MiB, 8 Mi characters and elements, 64 deep. */
    public static final Limits STANDARD = new Limits(Duration.ofMillis(100), 1 << 20, 8L << 20, 64);

    public Limits {
        if (time.isNegative() || time.isZero() || outputOctets < 1 || workingSize < 1 || templateDepth < 1) {
            throw new IllegalArgumentException("limits of a template must be positive");
        }
    }
}
