package io.chancery.cli.store;

import io.chancery.cli.UsageException;
import io.chancery.core.certificate.SerialNumber;
import java.math.BigInteger;
import java.util.regex.Pattern;

/** A serial number as people have it: decimal, {@code 0x} and hex, or hex as openssl prints it. */
final class SerialText {
    private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,60}");
    private static final Pattern HEX = Pattern.compile("0[xX][0-9a-fA-F]{1,42}");
    /** {@code 0a:1b:…}, and the digits alone when a letter shows that they are hex. */
    private static final Pattern OPENSSL =
            Pattern.compile("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){1,21}|(?=[0-9]*[a-fA-F])[0-9a-fA-F]{1,42}");

    private SerialText() {}

    static SerialNumber parse(String text) throws UsageException {
        try {
            if (DECIMAL.matcher(text).matches()) {
                return SerialNumber.parseDecimal(text);
            }
            if (HEX.matcher(text).matches()) {
                return new SerialNumber(new BigInteger(text.substring(2), 16));
            }
            if (OPENSSL.matcher(text).matches()) {
                return new SerialNumber(new BigInteger(text.replace(":", ""), 16));
            }
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage() + ": " + text);
        }
        throw new UsageException("a serial number is decimal, hex after 0x, or hex with colons as openssl prints it");
    }
}
