package io.chancery.gotemplate.text;

import java.util.Optional;

/** Go's string and character literals, written and read. Pure, any thread. */
public final class GoQuote {
    private GoQuote() {}

    /** In double quotes, as {@code strconv.Quote} writes it. */
    public static String quoted(String text) {
        return quoted(text, '"', false);
    }

    /** In the given quotes; all but ASCII is escaped when {@code ascii}. */
    public static String quoted(String text, char quote, boolean ascii) {
        StringBuilder out = new StringBuilder(text.length() + 2).append(quote);
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (Utf8.isStray(c)) {
                out.append(String.format("\\x%02x", Utf8.stray(c)));
            } else {
                escape(out, c, quote, ascii);
            }
        }
        return out.append(quote).toString();
    }

    private static void escape(StringBuilder out, int c, char quote, boolean ascii) {
        if (c == quote || c == '\\') {
            out.append('\\').append((char) c);
        } else if (isPrint(c) && (c < 0x80 || !ascii)) {
            out.appendCodePoint(c);
        } else {
            switch (c) {
                case 7 -> out.append("\\a");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case 11 -> out.append("\\v");
                default ->
                    out.append(
                            c < ' ' || c == 0x7F
                                    ? String.format("\\x%02x", c)
                                    : c < 0x10000 ? String.format("\\u%04x", c) : String.format("\\U%08x", c));
            }
        }
    }

    /** Go's {@code unicode.IsPrint}: letters, marks, numbers, punctuation, symbols and the ASCII space. */
    public static boolean isPrint(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> c == ' ';
            default -> true;
        };
    }

    /** What a literal in double quotes or backquotes says; empty when it is none. */
    public static Optional<String> unquoted(String literal) {
        char quote = literal.charAt(0);
        String inside = literal.substring(1, literal.length() - 1);
        if (quote == '`') {
            return Optional.of(inside.replace("\r", ""));
        }
        Reader reader = new Reader(inside, quote);
        StringBuilder out = new StringBuilder();
        java.io.ByteArrayOutputStream octets = new java.io.ByteArrayOutputStream();
        while (!reader.done()) {
            if (!reader.read()) {
                return Optional.empty();
            }
            if (reader.octet) {
                octets.write(reader.value);
            } else {
                octets.writeBytes(Utf8.octets(Character.toString(reader.value)));
            }
        }
        return Optional.of(out.append(Utf8.text(octets.toByteArray())).toString());
    }

    /** The code point of a character literal; empty when it is none. */
    public static Optional<Integer> character(String literal) {
        Reader reader = new Reader(literal.substring(1, literal.length() - 1), '\'');
        return !reader.done() && reader.read() && reader.done() ? Optional.of(reader.value) : Optional.empty();
    }

    /** Reads one character of a literal at a time. */
    private static final class Reader {
        private final String text;
        private final char quote;
        private int at;
        private int value;
        private boolean octet;

        Reader(String text, char quote) {
            this.text = text;
            this.quote = quote;
        }

        boolean done() {
            return at >= text.length();
        }

        boolean read() {
            octet = false;
            value = text.codePointAt(at);
            at += Character.charCount(value);
            if (value == quote || value == '\n') {
                return false;
            }
            if (value != '\\') {
                octet = Utf8.isStray(value);
                value = octet ? Utf8.stray(value) : value;
                return true;
            }
            return !done() && escaped(text.charAt(at++));
        }

        private boolean escaped(char kind) {
            switch (kind) {
                case 'a' -> value = 7;
                case 'b' -> value = '\b';
                case 'f' -> value = '\f';
                case 'n' -> value = '\n';
                case 'r' -> value = '\r';
                case 't' -> value = '\t';
                case 'v' -> value = 11;
                case '\\' -> value = '\\';
                case '\'', '"' -> {
                    value = kind;
                    return kind == quote;
                }
                case 'x' -> {
                    octet = true;
                    return digits(2, 16);
                }
                case 'u' -> {
                    return digits(4, 16) && isScalar();
                }
                case 'U' -> {
                    return digits(8, 16) && isScalar();
                }
                case '0', '1', '2', '3', '4', '5', '6', '7' -> {
                    octet = true;
                    at--;
                    return digits(3, 8) && value < 256;
                }
                default -> {
                    return false;
                }
            }
            return true;
        }

        private boolean isScalar() {
            return value >= 0 && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
        }

        private boolean digits(int count, int radix) {
            if (at + count > text.length()) {
                return false;
            }
            long number = 0;
            for (int i = 0; i < count; i++) {
                int digit = Character.digit(text.charAt(at + i), radix);
                if (digit < 0 || text.charAt(at + i) > 'f') {
                    return false;
                }
                number = number * radix + digit;
            }
            at += count;
            value = number > Integer.MAX_VALUE ? -1 : (int) number;
            return true;
        }
    }
}
