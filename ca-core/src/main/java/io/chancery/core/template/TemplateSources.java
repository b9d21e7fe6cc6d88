package io.chancery.core.template;

import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;

/**
 * What the core cannot get by itself for templates.
 *
 * @param files texts of template files, by their name as ca.json has it
 * @param nanoClock monotonic, asked on the thread that runs a template: its limit of time is measured with it
 * @param random an unpredictable number from 0 to its argument (exclusive); any thread
 */
public record TemplateSources(Map<String, String> files, LongSupplier nanoClock, LongUnaryOperator random) {
    /** No files, time that stands still and no chance: for configurations that are only looked at. */
    public static final TemplateSources NONE = new TemplateSources(Map.of(), () -> 0, bound -> 0);

    public TemplateSources {
        files = Map.copyOf(files);
    }
}
