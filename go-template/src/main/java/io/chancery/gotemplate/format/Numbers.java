package io.chancery.gotemplate.format;

import io.chancery.gotemplate.text.GoNumber;
import io.chancery.gotemplate.text.GoQuote;
import io.chancery.gotemplate.value.Int;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Optional;

/** Numbers by verb. Pure, any thread. */
final class Numbers {
    private static final String INTEGER_VERBS = "vdbosxXOcqU";
    private static final String FLOAT_VERBS = "veEfFgGbxX";

    // From this exponent on, %g writes one.
    private static final int SHORTEST_LIMIT = 6;

    private static final int MOST_PLACES = 1074;

    private Numbers() {}

    /** Empty when the verb is none for integers. */
    static Optional<String> integer(Int number, Directive d) {
        if (d.verb == 's' || INTEGER_VERBS.indexOf(d.verb) < 0) {
            return Optional.empty();
        }
        BigInteger value = new BigInteger(number.decimal());
        switch (d.verb) {
            case 'c' -> {
                return Optional.of(d.padded(character(value)));
            }
            case 'q' -> {
                return Optional.of(d.padded(GoQuote.quoted(character(value), '\'', d.plus)));
            }
            case 'U' -> {
                String code = String.format("U+%04X", value.mod(BigInteger.ONE.shiftLeft(64)));
                boolean shown =
                        d.sharp && value.signum() >= 0 && value.bitLength() < 22 && GoQuote.isPrint(value.intValue());
                return Optional.of(d.spaced(shown ? code + " '" + character(value) + "'" : code));
            }
            default -> {
                return Optional.of(based(value, d));
            }
        }
    }

    private static String character(BigInteger value) {
        boolean scalar = value.signum() >= 0
                && value.bitLength() < 22
                && value.intValue() <= 0x10FFFF
                && (value.intValue() < 0xD800 || value.intValue() > 0xDFFF);
        return Character.toString(scalar ? value.intValue() : 0xFFFD);
    }

    private static String based(BigInteger value, Directive d) {
        int radix = d.verb == 'b' ? 2 : d.verb == 'o' || d.verb == 'O' ? 8 : d.verb == 'x' || d.verb == 'X' ? 16 : 10;
        String digits = value.abs().toString(radix);
        digits = d.verb == 'X' ? digits.toUpperCase(Locale.ROOT) : digits;
        if (d.precision >= 0) {
            if (d.precision == 0 && value.signum() == 0) {
                return d.spaced("");
            }
            digits = "0".repeat(Math.max(0, d.precision - digits.length())) + digits;
        }
        String sign = value.signum() < 0 ? "-" : d.signed() ? "+" : d.space ? " " : "";
        if (d.zero && !d.minus && d.width >= 0 && d.precision < 0) {
            digits = "0".repeat(Math.max(0, d.width - sign.length() - digits.length())) + digits;
        }
        String prefix = d.verb == 'O' ? "0o" : "";
        if (d.sharp && d.verb != 'v') {
            prefix = switch (d.verb) {
                case 'b' -> "0b";
                case 'o' -> digits.startsWith("0") ? "" : "0";
                case 'x' -> "0x";
                case 'X' -> "0X";
                default -> prefix;
            };
        }
        return d.spaced(sign + prefix + digits);
    }

    /** Empty when the verb is none for floats, or not supported. */
    static Optional<String> floating(double value, Directive d) {
        if (FLOAT_VERBS.indexOf(d.verb) < 0 || d.verb == 'b' || d.verb == 'x' || d.verb == 'X') {
            return Optional.empty();
        }
        String text = unsignedPlus(value, d);
        if (!text.startsWith("-") && !text.startsWith("+")) {
            text = (d.signed() ? "+" : d.space ? " " : "") + text;
        } else if (text.startsWith("+") && !d.signed()) {
            // Infinity keeps its plus sign with no width or precision given, too.
            text = d.space ? " " + text.substring(1) : text;
        }
        boolean finite = !Double.isNaN(value) && !Double.isInfinite(value);
        return Optional.of(finite ? d.paddedNumber(text) : d.spaced(text));
    }

    private static String unsignedPlus(double value, Directive d) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return GoNumber.shortest(value, SHORTEST_LIMIT);
        }
        boolean negativeZero = value == 0 && 1 / value < 0;
        String text = finite(value, d);
        return negativeZero ? "-" + text : text;
    }

    private static String finite(double value, Directive d) {
        BigDecimal exact = new BigDecimal(value);
        char letter = Character.isUpperCase(d.verb) ? 'E' : 'e';
        switch (d.verb) {
            case 'e', 'E' -> {
                return GoNumber.scientific(exact, d.precision < 0 ? 6 : d.precision, letter);
            }
            case 'f', 'F' -> {
                int places = d.precision < 0 ? 6 : d.precision;
                // A float64 has no more places than that: the rest are zeros, which need no arithmetic.
                int real = Math.min(places, MOST_PLACES);
                return exact.setScale(real, RoundingMode.HALF_EVEN).toPlainString() + "0".repeat(places - real);
            }
            default -> {
                return general(value, exact, d.precision, letter);
            }
        }
    }

    private static String general(double value, BigDecimal exact, int precision, char letter) {
        if (value == 0) {
            return "0";
        }
        if (precision < 0) {
            String text = GoNumber.shortest(value, SHORTEST_LIMIT);
            return letter == 'E' ? text.replace('e', 'E') : text;
        }
        int digits = precision == 0 ? 1 : precision;
        BigDecimal rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
        BigDecimal bare = rounded.stripTrailingZeros();
        int exponent = bare.precision() - bare.scale() - 1;
        // As strconv decides it: digits that are not needed do not count.
        boolean whole = digits > bare.precision() && bare.precision() >= exponent + 1;
        int limit = whole ? bare.precision() : digits;
        return exponent < -4 || exponent >= limit ? GoNumber.scientific(bare, -1, letter) : bare.toPlainString();
    }
}
