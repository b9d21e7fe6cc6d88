package io.chancery.gotemplate.syntax;

import io.chancery.gotemplate.text.GoQuote;
import io.chancery.gotemplate.text.Utf8;

/**
 * A piece of a template's text.
 *
 * @param at index of its first character
 * @param line from 1
 */
record Token(Kind kind, int at, String text, int line) {
    enum Kind {
        ERROR,
        BOOL,
        CHAR,
        CHARACTER_CONSTANT,
        COMPLEX,
        ASSIGN,
        DECLARE,
        EOF,
        FIELD,
        IDENTIFIER,
        LEFT_DELIM,
        LEFT_PAREN,
        NUMBER,
        PIPE,
        RAW_STRING,
        RIGHT_DELIM,
        RIGHT_PAREN,
        SPACE,
        STRING,
        TEXT,
        VARIABLE,
        DOT,
        BLOCK,
        BREAK,
        CONTINUE,
        DEFINE,
        ELSE,
        END,
        IF,
        NIL,
        RANGE,
        TEMPLATE,
        WITH;

        boolean isKeyword() {
            return compareTo(DOT) >= 0;
        }
    }

    /** As Go's errors show it. */
    String shown() {
        if (kind == Kind.EOF) {
            return "EOF";
        }
        if (kind == Kind.ERROR) {
            return text;
        }
        if (kind.isKeyword()) {
            return "<" + text + ">";
        }
        boolean longer = Utf8.length(text) > 10;
        return longer
                ? GoQuote.quoted(text.substring(
                                0, text.offsetByCodePoints(0, Math.min(10, text.codePointCount(0, text.length())))))
                        + "..."
                : GoQuote.quoted(text);
    }
}
