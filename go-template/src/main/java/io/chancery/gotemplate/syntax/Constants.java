package io.chancery.gotemplate.syntax;

import io.chancery.gotemplate.syntax.Token.Kind;
import io.chancery.gotemplate.text.GoNumber;
import io.chancery.gotemplate.text.GoQuote;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Optional;

/** Reads number and character constants. Pure. */
final class Constants {
    private Constants() {}

    static Optional<Node.NumberConstant> number(Token token) {
        if (token.kind() == Kind.CHARACTER_CONSTANT) {
            return GoQuote.character(token.text())
                    .map(c -> new Node.NumberConstant(
                            token.at(), token.text(), Optional.of(BigInteger.valueOf(c)), c, false));
        }
        String text = token.text();
        Optional<BigInteger> integer = GoNumber.integer(text);
        if (integer.isPresent()) {
            BigInteger value = integer.get();
            boolean fits = value.bitLength() < 64 || (value.signum() > 0 && value.bitLength() == 64);
            return fits
                    ? Optional.of(new Node.NumberConstant(token.at(), text, integer, value.doubleValue(), false))
                    : Optional.empty();
        }
        // Underscores stand in numbers with a base alone.
        boolean prefixed = text.length() > 2 && "xX".indexOf(text.charAt(text.charAt(0) == '0' ? 1 : 2)) >= 0;
        boolean floats = text.chars().anyMatch(c -> ".eEpP".indexOf(c) >= 0);
        Optional<Double> floating =
                floats ? GoNumber.floating(prefixed ? text.replace("_", "") : text) : Optional.empty();
        return floating.map(value -> new Node.NumberConstant(token.at(), text, whole(value), value, true));
    }

    private static Optional<BigInteger> whole(double value) {
        boolean whole = value == Math.rint(value) && Math.abs(value) < 0x1p63;
        return whole ? Optional.of(new BigDecimal(value).toBigInteger()) : Optional.empty();
    }

    /** Why {@link #number} found none. */
    static String complaint(Token token) {
        String text = token.text();
        if (token.kind() == Kind.CHARACTER_CONSTANT) {
            return text.length() > 3 && text.charAt(1) != '\\'
                    ? "malformed character constant: " + text
                    : "invalid syntax";
        }
        if (token.kind() == Kind.COMPLEX || text.endsWith("i")) {
            return "complex numbers are not supported: " + GoQuote.quoted(text);
        }
        boolean number =
                GoNumber.integer(text).isPresent() || GoNumber.floating(text).isPresent();
        return (number ? "integer overflow: " : "illegal number syntax: ") + GoQuote.quoted(text);
    }
}
