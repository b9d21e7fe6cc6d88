package io.chancery.core.lint;

/**
 * A rule that is broken.
 *
 * @param problem the field, and what is wrong with it
 */
public record Finding(LintRule rule, String problem) {
    /** For people: what is wrong, and by which rule. */
    public String text() {
        return problem + " (rule " + rule.name() + ", " + rule.source() + ")";
    }
}
