package io.chancery.gotemplate.json;

import io.chancery.gotemplate.budget.Budget;
import io.chancery.gotemplate.text.GoQuote;
import io.chancery.gotemplate.text.Utf8;
import io.chancery.gotemplate.value.Bool;
import io.chancery.gotemplate.value.Dict;
import io.chancery.gotemplate.value.Float64;
import io.chancery.gotemplate.value.Nothing;
import io.chancery.gotemplate.value.Sequence;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.Type;
import io.chancery.gotemplate.value.Value;
import java.util.ArrayList;
import java.util.List;

/** JSON as Go reads it into {@code interface{}}: numbers as float64, a name given twice keeps its last value. One thread, one use. */
public final class JsonReader {
    /** The text is no JSON; the message is Go's. */
    public static final class Malformed extends Exception {
        Malformed(String message) {
            super(message, null, false, false);
        }
    }

    private final String text;
    private final Budget budget;
    private int at;

    private JsonReader(String text, Budget budget) {
        this.text = text;
        this.budget = budget;
    }

    /** The value of a whole text. */
    public static Value read(String text, Budget budget) throws Malformed {
        budget.charge(text.length());
        JsonReader reader = new JsonReader(text, budget);
        Value value = reader.value(0, "looking for beginning of value");
        reader.space();
        if (reader.at < text.length()) {
            throw reader.unexpected("after top-level value");
        }
        return value;
    }

    private Value value(int depth, String looking) throws Malformed {
        budget.depth(depth);
        space();
        char c = peek();
        if (c == '{') {
            return object(depth);
        }
        if (c == '[') {
            return array(depth);
        }
        if (c == '"') {
            return new Text(string());
        }
        if (c == '-' || (c >= '0' && c <= '9')) {
            return number();
        }
        for (String word : List.of("true", "false", "null")) {
            if (c == word.charAt(0)) {
                word(word);
                return word.equals("null") ? Nothing.NOTHING : Bool.of(word.equals("true"));
            }
        }
        throw unexpected(looking);
    }

    private Value object(int depth) throws Malformed {
        at++;
        Dict dict = new Dict(Type.DICT);
        space();
        if (peek() == '}') {
            at++;
            return dict;
        }
        while (true) {
            budget.charge(Budget.ELEMENT);
            space();
            if (peek() != '"') {
                throw unexpected("looking for beginning of object key string");
            }
            String name = string();
            space();
            if (peek() != ':') {
                throw unexpected("after object key");
            }
            at++;
            dict.put(name, value(depth + 1, "looking for beginning of value"));
            space();
            char next = peek();
            at++;
            if (next == '}') {
                return dict;
            }
            if (next != ',') {
                at--;
                throw unexpected("after object key:value pair");
            }
        }
    }

    private Value array(int depth) throws Malformed {
        at++;
        List<Value> items = new ArrayList<>();
        space();
        if (peek() == ']') {
            at++;
            return Sequence.of(items);
        }
        while (true) {
            budget.charge(Budget.ELEMENT);
            items.add(value(depth + 1, "looking for beginning of value"));
            space();
            char next = peek();
            at++;
            if (next == ']') {
                return Sequence.of(items);
            }
            if (next != ',') {
                at--;
                throw unexpected("after array element");
            }
        }
    }

    private Value number() throws Malformed {
        int from = at;
        at += text.charAt(at) == '-' ? 1 : 0;
        if (current() == '0') {
            at++;
        } else {
            digits("in numeric literal");
        }
        if (at < text.length() && current() == '.') {
            at++;
            digits("after decimal point in numeric literal");
        }
        if (at < text.length() && (current() == 'e' || current() == 'E')) {
            at++;
            at += current() == '+' || current() == '-' ? 1 : 0;
            digits("in exponent of numeric literal");
        }
        String number = text.substring(from, at);
        if (number.length() > 400) {
            throw new Malformed("a number of more than 400 characters");
        }
        double value = Double.parseDouble(number);
        if (Double.isInfinite(value)) {
            throw new Malformed("json: cannot unmarshal number " + number + " into Go value of type float64");
        }
        return new Float64(value);
    }

    private void digits(String where) throws Malformed {
        if (current() < '0' || current() > '9') {
            throw unexpected(where);
        }
        while (at < text.length() && current() >= '0' && current() <= '9') {
            budget.tick();
            at++;
        }
    }

    // At the end a space, as Go's reader sees it.
    private char current() {
        return at < text.length() ? text.charAt(at) : ' ';
    }

    private void word(String word) throws Malformed {
        for (int i = 0; i < word.length(); i++, at++) {
            if (current() != word.charAt(i)) {
                throw unexpected("in literal " + word + " (expecting '" + word.charAt(i) + "')");
            }
        }
    }

    private String string() throws Malformed {
        at++;
        StringBuilder out = new StringBuilder();
        while (true) {
            char c = peek();
            if (c < ' ') {
                throw unexpected("in string literal");
            }
            at++;
            if (c == '"') {
                return Utf8.scrubbed(out.toString());
            }
            out.append(c == '\\' ? escaped() : c);
        }
    }

    private char escaped() throws Malformed {
        char kind = current();
        int plain = "\"\\/bfnrt".indexOf(kind);
        if (plain >= 0) {
            at++;
            return "\"\\/\b\f\n\r\t".charAt(plain);
        }
        if (kind != 'u') {
            throw unexpected("in string escape code");
        }
        at++;
        int code = 0;
        for (int i = 0; i < 4; i++, at++) {
            char digit = current();
            if (digit > 'f' || Character.digit(digit, 16) < 0) {
                throw unexpected("in \\u hexadecimal character escape");
            }
            code = code * 16 + Character.digit(digit, 16);
        }
        return (char) code;
    }

    private char peek() throws Malformed {
        budget.tick();
        if (at >= text.length()) {
            throw end();
        }
        return text.charAt(at);
    }

    private void space() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private Malformed end() {
        return new Malformed("unexpected end of JSON input");
    }

    private Malformed unexpected(String where) {
        int c = at < text.length() ? text.codePointAt(at) : ' ';
        // Go counts octets: it names the first of a character.
        String shown = c < 0x80
                ? GoQuote.quoted(Character.toString(c), '\'', false)
                : GoQuote.quoted(Character.toString(Utf8.octets(Character.toString(c))[0] & 0xFF), '\'', false);
        return new Malformed("invalid character " + (c == '"' ? "'\"'" : shown) + " " + where);
    }
}
