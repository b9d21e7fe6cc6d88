package io.chancery.gotemplate.text;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Optional;

/** Numbers as Go's {@code strconv} reads and writes them. Pure, any thread. */
public final class GoNumber {
    private GoNumber() {}

    /** An integer literal with sign, base prefix and underscores, as {@code ParseInt(text, 0, …)} reads it. */
    public static Optional<BigInteger> integer(String text) {
        String digits = text;
        boolean negative = digits.startsWith("-");
        if (negative || digits.startsWith("+")) {
            digits = digits.substring(1);
        }
        int radix = 10;
        String rest = digits;
        boolean prefixed = false;
        if (digits.length() > 1 && digits.charAt(0) == '0') {
            char kind = Character.toLowerCase(digits.charAt(1));
            radix = kind == 'x' ? 16 : kind == 'b' ? 2 : 8;
            boolean named = kind == 'x' || kind == 'b' || kind == 'o';
            rest = digits.substring(named ? 2 : 1);
            prefixed = true;
        }
        if (rest.indexOf('_') >= 0) {
            if (!underscoresOk(rest, prefixed)) {
                return Optional.empty();
            }
            rest = rest.replace("_", "");
        }
        return plain(rest, radix).map(n -> negative ? n.negate() : n);
    }

    private static boolean underscoresOk(String digits, boolean prefixed) {
        return !digits.endsWith("_") && !digits.contains("__") && (prefixed || !digits.startsWith("_"));
    }

    private static Optional<BigInteger> plain(String digits, int radix) {
        if (digits.isEmpty() || digits.length() > 400) {
            return Optional.empty();
        }
        for (int i = 0; i < digits.length(); i++) {
            if (digits.charAt(i) >= 0x80 || Character.digit(digits.charAt(i), radix) < 0) {
                return Optional.empty();
            }
        }
        return Optional.of(new BigInteger(digits, radix));
    }

    /** Decimal digits with an optional sign that fit 64 bits, as {@code ParseInt(text, 10, 64)} reads them. */
    public static Optional<Long> decimal(String text) {
        return inBase(text, 10);
    }

    /** Digits of the base with an optional sign that fit 64 bits. */
    public static Optional<Long> inBase(String text, int radix) {
        boolean signed = text.startsWith("-") || text.startsWith("+");
        return plain(signed ? text.substring(1) : text, radix)
                .map(n -> text.startsWith("-") ? n.negate() : n)
                .filter(n -> n.bitLength() < 64)
                .map(BigInteger::longValue);
    }

    /** A number as {@code ParseFloat} reads it, infinities and NaN too; empty when it is none or out of range. */
    public static Optional<Double> floating(String text) {
        String lower = text.toLowerCase(java.util.Locale.ROOT);
        String unsigned = lower.startsWith("-") || lower.startsWith("+") ? lower.substring(1) : lower;
        if (unsigned.equals("inf") || unsigned.equals("infinity")) {
            return Optional.of(lower.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
        }
        if (lower.equals("nan")) {
            return Optional.of(Double.NaN);
        }
        if (text.length() > 400
                || !unsigned.matches(
                        "(\\d+\\.?\\d*|\\.\\d+)(e[+-]?\\d+)?|0x([0-9a-f]+\\.?[0-9a-f]*|\\.[0-9a-f]+)p[+-]?\\d+")) {
            return Optional.empty();
        }
        double value = Double.parseDouble(lower);
        return Double.isInfinite(value) ? Optional.empty() : Optional.of(value);
    }

    /** The shortest text that reads back, with an exponent below 10^-4 and from 10^{@code from} on. */
    public static String shortest(double value, int from) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0" : "0";
        }
        BigDecimal exact = shortestDecimal(value);
        int exponent = exact.precision() - exact.scale() - 1;
        return exponent < -4 || exponent >= from ? scientific(exact, -1, 'e') : exact.toPlainString();
    }

    /** The decimal with the fewest digits that reads back as this number. */
    public static BigDecimal shortestDecimal(double value) {
        // Double.toString gave one digit too many in some cases before JDK 19: fewer digits are tried.
        BigDecimal exact = new BigDecimal(value);
        for (int digits = 1; digits < 17; digits++) {
            BigDecimal rounded = exact.round(new java.math.MathContext(digits, java.math.RoundingMode.HALF_EVEN));
            if (rounded.doubleValue() == value) {
                return stripped(rounded);
            }
        }
        return stripped(exact.round(new java.math.MathContext(17, java.math.RoundingMode.HALF_EVEN)));
    }

    private static BigDecimal stripped(BigDecimal value) {
        BigDecimal bare = value.stripTrailingZeros();
        return bare.scale() < 0 ? bare.setScale(0) : bare;
    }

    /** Mantissa and exponent of at least two digits; {@code places} after the point, or as many as there are when negative. */
    public static String scientific(BigDecimal value, int places, char letter) {
        BigDecimal bare = value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
        BigDecimal rounded = places < 0 || bare.signum() == 0
                ? bare
                : bare.round(new java.math.MathContext(places + 1, java.math.RoundingMode.HALF_EVEN));
        String digits = rounded.unscaledValue().abs().toString();
        int exponent = rounded.signum() == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
        StringBuilder out = new StringBuilder(rounded.signum() < 0 ? "-" : "").append(digits.charAt(0));
        StringBuilder fraction = new StringBuilder(digits.substring(1));
        if (places < 0) {
            while (fraction.length() > 0 && fraction.charAt(fraction.length() - 1) == '0') {
                fraction.setLength(fraction.length() - 1);
            }
        } else {
            fraction.append("0".repeat(Math.max(0, places - fraction.length()))).setLength(places);
        }
        if (fraction.length() > 0) {
            out.append('.').append(fraction);
        }
        return out.append(letter)
                .append(exponent < 0 ? '-' : '+')
                .append(Math.abs(exponent) < 10 ? "0" : "")
                .append(Math.abs(exponent))
                .toString();
    }
}
