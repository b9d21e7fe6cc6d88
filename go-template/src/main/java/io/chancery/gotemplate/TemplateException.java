package io.chancery.gotemplate;

import java.util.Optional;

/** A template does not compile, or failed for some data. The message is Go's where Go has one. */
public final class TemplateException extends Exception {
    private final int line;
    private final int column;
    private final Optional<String> words;

    TemplateException(int line, int column, String message, Optional<String> words) {
        super(message, null, false, false);
        this.line = line;
        this.column = column;
        this.words = words;
    }

    /** From 1. */
    public int line() {
        return line;
    }

    /** In octets, from 1. */
    public int column() {
        return column;
    }

    /** What the template itself said with {@code fail}. */
    public Optional<String> words() {
        return words;
    }
}
