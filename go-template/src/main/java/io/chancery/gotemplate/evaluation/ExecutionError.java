package io.chancery.gotemplate.evaluation;

import java.util.Optional;

/** A template failed for this data. */
public final class ExecutionError extends RuntimeException {
    private final int at;
    private final String context;
    private final Optional<String> words;

    ExecutionError(int at, String context, String message, Optional<String> words) {
        super(message, null, false, false);
        this.at = at;
        this.context = context;
        this.words = words;
    }

    /** Index in the template's text. */
    public int at() {
        return at;
    }

    /** Name of the template and the piece of it, as Go's errors show them. */
    public String context() {
        return context;
    }

    /** What the template itself said when it gave up on purpose. */
    public Optional<String> words() {
        return words;
    }
}
