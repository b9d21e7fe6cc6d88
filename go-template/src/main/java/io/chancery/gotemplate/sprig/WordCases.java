package io.chancery.gotemplate.sprig;

import io.chancery.gotemplate.function.Function;
import io.chancery.gotemplate.value.Text;
import java.util.List;

/** {@code snakecase}, {@code kebabcase}, {@code camelcase}: words told apart by letters, numbers and what joins them. Pure, any thread. */
final class WordCases {
    private enum Kind {
        END,
        NUMBER,
        UPPER,
        LETTERS,
        CONNECTOR,
        PUNCTUATION,
        OTHER;

        /** Whether words of this kind follow without anything between. */
        boolean joins() {
            return this == END || this == CONNECTOR || this == PUNCTUATION;
        }

        boolean continuesNumber() {
            return this == LETTERS || this == NUMBER;
        }
    }

    static final List<Function> FUNCTIONS = List.of(
            Function.of("snakecase", "string", a -> {
                a.budget().charge(2L * a.text(0).length());
                return new Text(new WordCases(a.text(0), '_').lower());
            }),
            Function.of("kebabcase", "string", a -> {
                a.budget().charge(2L * a.text(0).length());
                return new Text(new WordCases(a.text(0), '-').lower());
            }),
            Function.of("camelcase", "string", a -> {
                a.budget().charge(a.text(0).length());
                return new Text(pascal(a.text(0)));
            }));

    private final int[] text;
    private final char connector;
    private final StringBuilder out = new StringBuilder();
    private int at;
    private Kind kind = Kind.END;
    private int from;
    private int to;

    private WordCases(String text, char connector) {
        this.text = text.codePoints().toArray();
        this.connector = connector;
    }

    private String lower() {
        advance();
        while (at < text.length) {
            if (kind != Kind.CONNECTOR) {
                word(kind, from, to);
            }
            Kind last = kind;
            int lastFrom = from;
            int lastTo = to;
            advance();
            switch (last) {
                case NUMBER -> afterNumber();
                case CONNECTOR -> word(last, lastFrom, lastTo);
                case PUNCTUATION -> {
                    // stands for itself
                }
                default -> afterLetters();
            }
        }
        word(kind, from, to);
        return out.toString();
    }

    private void afterNumber() {
        while (kind.continuesNumber()) {
            word(kind, from, to);
            advance();
        }
        connect();
    }

    private void afterLetters() {
        if (kind != Kind.NUMBER) {
            connect();
            return;
        }
        if (at >= text.length) {
            return;
        }
        int numberFrom = from;
        int numberTo = to;
        advance();
        // A number belongs to the word before it, unless small letters follow.
        if (kind != Kind.LETTERS) {
            word(Kind.NUMBER, numberFrom, numberTo);
            if (kind != Kind.CONNECTOR && kind != Kind.PUNCTUATION) {
                out.append(connector);
            }
            return;
        }
        out.append(connector);
        word(Kind.NUMBER, numberFrom, numberTo);
        afterNumber();
    }

    private void connect() {
        if (!kind.joins()) {
            out.append(connector);
        }
    }

    private void word(Kind wordKind, int wordFrom, int wordTo) {
        for (int i = wordFrom; i < wordTo; i++) {
            if (wordKind == Kind.CONNECTOR && isConnector(text[i])) {
                out.append(connector);
            } else {
                out.appendCodePoint(
                        wordKind == Kind.UPPER || wordKind == Kind.LETTERS || wordKind == Kind.OTHER
                                ? Character.toLowerCase(text[i])
                                : text[i]);
            }
        }
    }

    private void advance() {
        from = at;
        if (at >= text.length) {
            kind = Kind.END;
            to = at;
            return;
        }
        int first = text[at++];
        kind = kindOf(first);
        if (kind == Kind.UPPER) {
            upperWord();
        } else {
            while (at < text.length && sameWord(text[at])) {
                at++;
            }
        }
        to = at;
    }

    private void upperWord() {
        if (at >= text.length) {
            return;
        }
        if (GoUnicode.isUpper(text[at])) {
            while (at < text.length && GoUnicode.isUpper(text[at])) {
                at++;
            }
            // "HTTPStatus" is HTTP and Status.
            if (at < text.length && Character.isLetter(text[at])) {
                at--;
            }
        } else {
            while (at < text.length && Character.isLetter(text[at]) && !GoUnicode.isUpper(text[at])) {
                at++;
            }
        }
    }

    private boolean sameWord(int c) {
        return switch (kind) {
            case LETTERS -> Character.isLetter(c) && !GoUnicode.isUpper(c);
            case NUMBER -> GoUnicode.isNumber(c);
            case CONNECTOR -> isConnector(c);
            case PUNCTUATION -> GoUnicode.isPunctuation(c);
            case OTHER -> kindOf(c) == Kind.OTHER;
            case END, UPPER -> false;
        };
    }

    private static Kind kindOf(int c) {
        if (isConnector(c)) {
            return Kind.CONNECTOR;
        }
        if (GoUnicode.isPunctuation(c)) {
            return Kind.PUNCTUATION;
        }
        if (GoUnicode.isUpper(c)) {
            return Kind.UPPER;
        }
        if (Character.isLetter(c)) {
            return Kind.LETTERS;
        }
        return GoUnicode.isNumber(c) ? Kind.NUMBER : Kind.OTHER;
    }

    private static boolean isConnector(int c) {
        return c == '-' || c == '_' || GoUnicode.isSpace(c);
    }

    // Each word begins with a capital; a run of capitals at its begin becomes small.
    private static String pascal(String given) {
        int[] text = given.codePoints().toArray();
        StringBuilder out = new StringBuilder();
        int i = 0;
        while (i < text.length && isConnector(text[i])) {
            out.appendCodePoint(text[i++]);
        }
        if (i == text.length && i > 0) {
            out.appendCodePoint(text[i - 1]); // as the original: the last one twice
        }
        boolean capitals = false;
        boolean begin = true;
        for (; i < text.length; i++) {
            int c = text[i];
            if (begin) {
                capitals = GoUnicode.isUpper(c);
                out.appendCodePoint(Character.toUpperCase(c));
                begin = false;
            } else if (isConnector(c)) {
                boolean followed = i + 1 < text.length && !isConnector(text[i + 1]);
                if (followed) {
                    begin = true;
                } else {
                    out.appendCodePoint(c);
                    capitals = capitals && !isConnector(c);
                }
            } else {
                capitals = capitals && GoUnicode.isUpper(c);
                out.appendCodePoint(capitals ? Character.toLowerCase(c) : c);
            }
        }
        return out.toString();
    }
}
