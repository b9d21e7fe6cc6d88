package io.chancery.core.revocation;

import io.chancery.core.certificate.SerialNumber;
import java.math.BigInteger;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Serial numbers as Go's {@code big.Int} reads them with base 0: decimal, or with a prefix 0x, 0o, 0 or 0b. */
final class SerialText {
    /** More than 20 octets have in any base, underscores included. */
    private static final int LONGEST = 400;

    private static final Pattern PREFIXED =
            Pattern.compile("\\+?0(?:([xX])((?:_?[0-9a-fA-F])+)|([bB])((?:_?[01])+)|[oO]?((?:_?[0-7])+))");
    private static final Pattern DECIMAL = Pattern.compile("\\+?([1-9](?:_?[0-9])*)");

    private SerialText() {}

    /** Empty when it is none that a certificate can have: positive, at most 20 octets. */
    static Optional<SerialNumber> parse(String text) {
        if (text.length() > LONGEST) {
            return Optional.empty();
        }
        Matcher decimal = DECIMAL.matcher(text);
        if (decimal.matches()) {
            return number(decimal.group(1), 10);
        }
        Matcher prefixed = PREFIXED.matcher(text);
        if (!prefixed.matches()) {
            return Optional.empty();
        }
        if (prefixed.group(1) != null) {
            return number(prefixed.group(2), 16);
        }
        return prefixed.group(3) != null ? number(prefixed.group(4), 2) : number(prefixed.group(5), 8);
    }

    private static Optional<SerialNumber> number(String digits, int base) {
        try {
            return Optional.of(new SerialNumber(new BigInteger(digits.replace("_", ""), base)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
