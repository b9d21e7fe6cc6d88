package io.chancery.gotemplate.format;

/** One verb of a format with its flags; width and precision are -1 when not given. One thread. */
final class Directive {
    static final int NONE = -1;

    int verb = 'v';
    boolean plus;
    boolean minus;
    boolean sharp;
    boolean space;
    boolean zero;
    int width = NONE;
    int precision = NONE;

    /** The same width and precision for %v. */
    Directive plain() {
        Directive plain = new Directive();
        plain.minus = minus;
        plain.zero = zero;
        plain.width = width;
        plain.precision = precision;
        return plain;
    }

    boolean goSyntax() {
        return verb == 'v' && sharp;
    }

    boolean withNames() {
        return verb == 'v' && plus;
    }

    /** Whether numbers show a plus sign; with %v the flag asks for names instead. */
    boolean signed() {
        return plus && verb != 'v';
    }

    String padded(String text) {
        int missing = width - text.codePointCount(0, text.length());
        if (missing <= 0) {
            return text;
        }
        if (minus) {
            return text + " ".repeat(missing);
        }
        return (zero ? "0" : " ").repeat(missing) + text;
    }

    /** Zeros go between sign and digits. */
    String paddedNumber(String text) {
        if (!zero || minus || width < 0) {
            return spaced(text);
        }
        boolean signed = !text.isEmpty() && "+- ".indexOf(text.charAt(0)) >= 0;
        String sign = signed ? text.substring(0, 1) : "";
        String digits = signed ? text.substring(1) : text;
        return sign + "0".repeat(Math.max(0, width - text.length())) + digits;
    }

    String spaced(String text) {
        boolean zeros = zero;
        zero = false;
        String padded = padded(text);
        zero = zeros;
        return padded;
    }
}
