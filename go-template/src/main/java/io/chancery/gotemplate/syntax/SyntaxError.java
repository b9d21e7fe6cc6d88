package io.chancery.gotemplate.syntax;

/** The text is no template. */
public final class SyntaxError extends Exception {
    private final int line;
    private final int at;

    SyntaxError(int line, int at, String message) {
        super(message, null, false, false);
        this.line = line;
        this.at = at;
    }

    /** From 1. */
    public int line() {
        return line;
    }

    /** Index in the text where the reading stopped. */
    public int at() {
        return at;
    }
}
