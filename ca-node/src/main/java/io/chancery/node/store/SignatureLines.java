package io.chancery.node.store;

import java.io.IOException;
import java.io.Reader;
import java.util.Optional;

/** The lines of a log, one after the other, none kept; a last one without its line end is told apart. */
final class SignatureLines {
    /** Beyond it a line is cut: it is none of ours, and must not fill the memory. */
    static final int LONGEST = 1_024;

    private final Reader reader;
    private long number;
    private boolean endsTorn;

    SignatureLines(Reader reader) {
        this.reader = reader;
    }

    /** The next whole line without its end; empty after the last. */
    Optional<String> next() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = reader.read(); next >= 0; next = reader.read()) {
            if (next == '\n') {
                number++;
                return Optional.of(line.toString());
            }
            if (line.length() < LONGEST) {
                line.append((char) next);
            }
        }
        endsTorn = !line.isEmpty();
        return Optional.empty();
    }

    /** Of the line that was answered last; the first is 1. */
    long number() {
        return number;
    }

    boolean endsTorn() {
        return endsTorn;
    }
}
