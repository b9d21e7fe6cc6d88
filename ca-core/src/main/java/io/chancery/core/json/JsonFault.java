package io.chancery.core.json;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Finds where a text stops being JSON (RFC 8259), and says what stands there in words for the one who wrote it. It is
 * asked about texts alone that were refused; what a text holds is never repeated, since it may be a secret.
 */
final class JsonFault {
    private final String text;
    /** What is open, innermost last: braces and brackets. */
    private final Deque<Character> open = new ArrayDeque<>();

    private int at;

    private JsonFault(String text) {
        this.text = text;
    }

    /** Such as {@code line 3, column 9: a comma before }}; empty when nothing is found to be wrong. */
    static Optional<String> in(String text) {
        JsonFault fault = new JsonFault(text);
        return fault.find().map(what -> "line " + fault.line() + ", column " + fault.column() + ": " + what);
    }

    private long line() {
        return text.chars().limit(at).filter(c -> c == '\n').count() + 1;
    }

    private int column() {
        return at - text.lastIndexOf('\n', at - 1);
    }

    private Optional<String> find() {
        Optional<String> wrong = element();
        while (wrong.isEmpty() && !open.isEmpty()) {
            wrong = afterValue();
        }
        if (wrong.isPresent()) {
            return wrong;
        }
        space();
        return at == text.length()
                ? Optional.empty()
                : Optional.of(comment().orElse("something follows the JSON value"));
    }

    /** One value, or the start of one that has others in it, up to the first of those that has none. */
    private Optional<String> element() {
        while (true) {
            space();
            char c = next();
            if (c != '{' && c != '[') {
                return scalar(c);
            }
            open.addLast(c);
            at++;
            space();
            if (next() == closing()) {
                at++;
                char unused = open.removeLast();
                return Optional.empty();
            }
            Optional<String> wrong = c == '{' ? name() : Optional.empty();
            if (wrong.isPresent()) {
                return wrong;
            }
        }
    }

    private char closing() {
        return open.getLast() == '{' ? '}' : ']';
    }

    private Optional<String> afterValue() {
        space();
        char c = next();
        if (c == closing()) {
            at++;
            char unused = open.removeLast();
            return Optional.empty();
        }
        if (c != ',') {
            return Optional.of(
                    comment().orElse(atEnd() ? cutOff() : "no comma and no " + closing() + " after a value"));
        }
        int comma = at;
        at++;
        space();
        if (next() == closing()) {
            at = comma;
            return Optional.of("a comma before " + closing());
        }
        Optional<String> wrong = open.getLast() == '{' ? name() : Optional.empty();
        return wrong.isPresent() ? wrong : element();
    }

    /** A member's name and the colon. */
    private Optional<String> name() {
        space();
        if (next() != '"') {
            return Optional.of(
                    comment().orElse(atEnd() ? cutOff() : "the name of a member in double quotes is missing"));
        }
        Optional<String> wrong = string();
        if (wrong.isPresent()) {
            return wrong;
        }
        space();
        if (next() != ':') {
            return Optional.of(comment().orElse(atEnd() ? cutOff() : "no colon after the name of a member"));
        }
        at++;
        return Optional.empty();
    }

    private Optional<String> scalar(char c) {
        if (c == '"') {
            return string();
        }
        int start = at;
        while (!atEnd() && (Character.isLetterOrDigit(next()) || "+-._".indexOf(next()) >= 0)) {
            at++;
        }
        String word = text.substring(start, at);
        if (word.matches("true|false|null|-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?")) {
            return Optional.empty();
        }
        at = start;
        if (comment().isPresent()) {
            return comment();
        }
        if (atEnd()) {
            return Optional.of(cutOff());
        }
        return Optional.of(
                c == '\'' ? "single quotes; JSON's texts have double ones" : "no value: a text has double quotes");
    }

    private Optional<String> string() {
        int start = at;
        for (at++; !atEnd() && next() != '"'; at++) {
            if (next() < ' ') {
                return Optional.of("a line's end or a control character in a text");
            }
            if (next() == '\\') {
                at++;
                boolean hex = next() == 'u'
                        && at + 5 <= text.length()
                        && text.substring(at + 1, at + 5).matches("[0-9a-fA-F]{4}");
                if (!hex && "\"\\/bfnrt".indexOf(next()) < 0) {
                    return Optional.of("a backslash in a text with something that it does not go with");
                }
            }
        }
        if (atEnd()) {
            at = start;
            return Optional.of("a text that has no end");
        }
        at++;
        return Optional.empty();
    }

    private Optional<String> comment() {
        return next() == '/' || next() == '#' ? Optional.of("a comment; JSON has none") : Optional.empty();
    }

    private String cutOff() {
        return open.isEmpty() ? "nothing" : "it is cut off: " + closing() + " is missing";
    }

    private void space() {
        while (!atEnd() && " \t\r\n".indexOf(next()) >= 0) {
            at++;
        }
    }

    private boolean atEnd() {
        return at >= text.length();
    }

    /** NUL at the end, which no JSON has outside of it either. */
    private char next() {
        return atEnd() ? '\0' : text.charAt(at);
    }
}
