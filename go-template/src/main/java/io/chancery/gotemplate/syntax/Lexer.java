package io.chancery.gotemplate.syntax;

import io.chancery.gotemplate.syntax.Token.Kind;
import io.chancery.gotemplate.text.GoQuote;
import java.util.Map;

/** Cuts a template into tokens. One thread, one use. */
final class Lexer {
    private static final int END = -1;
    private static final String LEFT = "{{";
    private static final String RIGHT = "}}";
    private static final String LEFT_COMMENT = "/*";
    private static final String RIGHT_COMMENT = "*/";
    private static final Map<String, Kind> WORDS = Map.ofEntries(
            Map.entry("block", Kind.BLOCK),
            Map.entry("break", Kind.BREAK),
            Map.entry("continue", Kind.CONTINUE),
            Map.entry("define", Kind.DEFINE),
            Map.entry("else", Kind.ELSE),
            Map.entry("end", Kind.END),
            Map.entry("if", Kind.IF),
            Map.entry("nil", Kind.NIL),
            Map.entry("range", Kind.RANGE),
            Map.entry("template", Kind.TEMPLATE),
            Map.entry("with", Kind.WITH),
            Map.entry("true", Kind.BOOL),
            Map.entry("false", Kind.BOOL));

    private final String input;
    private int at;
    private int start;
    private int line = 1;
    private int startLine = 1;
    private int open;
    private boolean inside;
    private boolean failed;

    Lexer(String input) {
        this.input = input;
    }

    /** The next token; after the end or an error, EOF for ever. */
    Token next() {
        if (failed) {
            return new Token(Kind.EOF, start, "EOF", startLine);
        }
        return inside ? action() : text();
    }

    private Token text() {
        while (true) {
            int left = input.indexOf(LEFT, at);
            if (left < 0) {
                at = input.length();
                return at > start ? token(Kind.TEXT) : token(Kind.EOF);
            }
            int end = left;
            if (leftMarker(left + LEFT.length())) {
                while (end > at && isSpace(input.charAt(end - 1))) {
                    end--;
                }
            }
            at = end;
            Token before = token(Kind.TEXT);
            at = left;
            ignore();
            if (!before.text().isEmpty()) {
                return before;
            }
            int marker = leftMarker(left + LEFT.length()) ? 2 : 0;
            if (!input.startsWith(LEFT_COMMENT, left + LEFT.length() + marker)) {
                return leftDelim(marker);
            }
            at = left + LEFT.length() + marker;
            ignore();
            String wrong = comment();
            if (!wrong.isEmpty()) {
                return error(wrong);
            }
        }
    }

    private Token leftDelim(int marker) {
        at += LEFT.length();
        Token delim = token(Kind.LEFT_DELIM);
        inside = true;
        open = 0;
        at += marker;
        ignore();
        return delim;
    }

    private String comment() {
        int close = input.indexOf(RIGHT_COMMENT, at + LEFT_COMMENT.length());
        if (close < 0) {
            return "unclosed comment";
        }
        at = close + RIGHT_COMMENT.length();
        boolean trims = rightMarker(at) && input.startsWith(RIGHT, at + 2);
        if (!trims && !input.startsWith(RIGHT, at)) {
            return "comment ends before closing delimiter";
        }
        at += trims ? 2 + RIGHT.length() : RIGHT.length();
        if (trims) {
            skipSpace();
        }
        ignore();
        return "";
    }

    private Token action() {
        boolean trims = rightMarker(at) && input.startsWith(RIGHT, at + 2);
        if (trims || input.startsWith(RIGHT, at)) {
            return open == 0 ? rightDelim(trims) : error("unclosed left paren");
        }
        int c = advance();
        if (c == END) {
            return error("unclosed action");
        }
        if (isSpace(c)) {
            return space();
        }
        switch (c) {
            case '=' -> {
                return token(Kind.ASSIGN);
            }
            case ':' -> {
                return advance() == '=' ? token(Kind.DECLARE) : error("expected :=");
            }
            case '|' -> {
                return token(Kind.PIPE);
            }
            case '"' -> {
                return quoted('"', Kind.STRING, "unterminated quoted string");
            }
            case '\'' -> {
                return quoted('\'', Kind.CHARACTER_CONSTANT, "unterminated character constant");
            }
            case '`' -> {
                return raw();
            }
            case '$' -> {
                return name(Kind.VARIABLE);
            }
            case '(' -> {
                open++;
                return token(Kind.LEFT_PAREN);
            }
            case ')' -> {
                open--;
                return open < 0 ? error("unexpected right paren") : token(Kind.RIGHT_PAREN);
            }
            default -> {
                return other(c);
            }
        }
    }

    private Token other(int c) {
        boolean digitNext = at < input.length() && isDigit(input.charAt(at));
        if (c == '.' && at < input.length() && !digitNext) {
            return name(Kind.FIELD);
        }
        if (c == '.' || c == '+' || c == '-' || isDigit(c)) {
            at--;
            return number();
        }
        if (isWord(c)) {
            at -= Character.charCount(c);
            return identifier();
        }
        return c < 0x80 && GoQuote.isPrint(c)
                ? token(Kind.CHAR)
                : error("unrecognized character in action: " + unicode(c));
    }

    private Token rightDelim(boolean trims) {
        if (trims) {
            at += 2;
            ignore();
        }
        at += RIGHT.length();
        Token delim = token(Kind.RIGHT_DELIM);
        if (trims) {
            skipSpace();
            ignore();
        }
        inside = false;
        return delim;
    }

    private Token space() {
        while (at < input.length() && isSpace(input.charAt(at))) {
            at++;
        }
        // The last space belongs to a trim marker that follows.
        if (rightMarker(at - 1) && input.startsWith(RIGHT, at + 1)) {
            at--;
            if (at == start) {
                return rightDelim(true);
            }
        }
        return token(Kind.SPACE);
    }

    private Token identifier() {
        int c = word();
        String word = input.substring(start, at);
        return atTerminator() ? token(WORDS.getOrDefault(word, Kind.IDENTIFIER)) : badCharacter(c);
    }

    // A field after its point or a variable after its dollar.
    private Token name(Kind kind) {
        if (atTerminator()) {
            return token(kind == Kind.FIELD ? Kind.DOT : kind);
        }
        int c = word();
        return atTerminator() ? token(kind) : badCharacter(c);
    }

    private int word() {
        while (at < input.length() && isWord(input.codePointAt(at))) {
            at += Character.charCount(input.codePointAt(at));
        }
        return at < input.length() ? input.codePointAt(at) : END;
    }

    private Token badCharacter(int c) {
        return error("bad character " + unicode(c));
    }

    private boolean atTerminator() {
        if (at >= input.length()) {
            return true;
        }
        char c = input.charAt(at);
        return isSpace(c) || ".,|:)(".indexOf(c) >= 0 || input.startsWith(RIGHT, at);
    }

    private Token quoted(char quote, Kind kind, String unterminated) {
        while (true) {
            int c = advance();
            if (c == '\\') {
                c = advance();
                if (c != END && c != '\n') {
                    continue;
                }
            }
            if (c == END || c == '\n') {
                return error(unterminated);
            }
            if (c == quote) {
                return token(kind);
            }
        }
    }

    private Token raw() {
        int close = input.indexOf('`', at);
        if (close < 0) {
            return error("unterminated raw quoted string");
        }
        at = close + 1;
        return token(Kind.RAW_STRING);
    }

    private Token number() {
        if (!scanNumber()) {
            return error("bad number syntax: " + GoQuote.quoted(input.substring(start, at)));
        }
        boolean sign = at < input.length() && (input.charAt(at) == '+' || input.charAt(at) == '-');
        if (!sign) {
            return token(Kind.NUMBER);
        }
        return scanNumber() && input.charAt(at - 1) == 'i'
                ? token(Kind.COMPLEX)
                : error("bad number syntax: " + GoQuote.quoted(input.substring(start, at)));
    }

    private boolean scanNumber() {
        accept("+-");
        String digits = "0123456789_";
        if (accept("0")) {
            digits = accept("xX")
                    ? "0123456789abcdefABCDEF_"
                    : accept("oO") ? "01234567_" : accept("bB") ? "01_" : digits;
        }
        run(digits);
        if (accept(".")) {
            run(digits);
        }
        boolean exponent = (digits.length() == 11 && accept("eE")) || (digits.length() == 23 && accept("pP"));
        if (exponent) {
            accept("+-");
            run("0123456789_");
        }
        accept("i");
        if (at < input.length() && isWord(input.codePointAt(at))) {
            at += Character.charCount(input.codePointAt(at));
            return false;
        }
        return true;
    }

    @com.google.errorprone.annotations.CanIgnoreReturnValue // what is optional may be there or not
    private boolean accept(String any) {
        boolean there = at < input.length() && any.indexOf(input.charAt(at)) >= 0;
        at += there ? 1 : 0;
        return there;
    }

    private void run(String any) {
        while (accept(any)) {
            // goes on
        }
    }

    private int advance() {
        if (at >= input.length()) {
            return END;
        }
        int c = input.codePointAt(at);
        at += Character.charCount(c);
        return c;
    }

    private void skipSpace() {
        while (at < input.length() && isSpace(input.charAt(at))) {
            at++;
        }
    }

    private Token token(Kind kind) {
        Token token = new Token(kind, start, kind == Kind.EOF ? "EOF" : input.substring(start, at), startLine);
        ignore();
        return token;
    }

    private void ignore() {
        for (int i = start; i < at; i++) {
            line += input.charAt(i) == '\n' ? 1 : 0;
        }
        start = at;
        startLine = line;
    }

    private Token error(String message) {
        failed = true;
        return new Token(Kind.ERROR, start, message, startLine);
    }

    private boolean leftMarker(int from) {
        return from + 1 < input.length() && input.charAt(from) == '-' && isSpace(input.charAt(from + 1));
    }

    private boolean rightMarker(int from) {
        return from + 1 < input.length() && isSpace(input.charAt(from)) && input.charAt(from + 1) == '-';
    }

    private static boolean isSpace(int c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isWord(int c) {
        return c == '_' || Character.isLetter(c) || Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER;
    }

    private static String unicode(int c) {
        if (c == END) {
            return "U+FFFFFFFFFFFFFFFF";
        }
        String code = String.format("U+%04X", c);
        return GoQuote.isPrint(c) ? code + " '" + Character.toString(c) + "'" : code;
    }
}
