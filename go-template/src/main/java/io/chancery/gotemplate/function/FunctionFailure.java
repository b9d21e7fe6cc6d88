package io.chancery.gotemplate.function;

import java.util.Optional;

/** A function could not do what it was asked; the message is for whoever wrote the template. */
public final class FunctionFailure extends Exception {
    private final boolean deliberate;

    public FunctionFailure(String message) {
        this(message, false);
    }

    private FunctionFailure(String message, boolean deliberate) {
        super(message, null, false, false);
        this.deliberate = deliberate;
    }

    /** The template itself gave up, with words of its own. */
    public static FunctionFailure deliberate(String message) {
        return new FunctionFailure(message, true);
    }

    /** The template's own words. */
    public Optional<String> words() {
        return deliberate ? Optional.ofNullable(getMessage()) : Optional.empty();
    }
}
