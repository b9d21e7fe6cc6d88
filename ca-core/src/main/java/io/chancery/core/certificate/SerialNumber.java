package io.chancery.core.certificate;

import java.math.BigInteger;
import java.util.regex.Pattern;

/**
 * A certificate's serial number: positive and at most 20 octets (RFC 5280 s. 4.1.2.2). Ours are drawn with 128 random
 * bits, as step-ca's are.
 */
public record SerialNumber(BigInteger value) implements Comparable<SerialNumber> {
    /** Octets of entropy that {@link #fromEntropy(byte[])} takes. */
    public static final int ENTROPY_BYTES = 16;

    private static final int MAX_OCTETS = 20;
    private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,48}"); // 2^159 − 1, the largest, has 48

    public SerialNumber {
        if (value.signum() <= 0) {
            throw new IllegalArgumentException("a serial number is positive");
        }
        if (value.toByteArray().length > MAX_OCTETS) {
            throw new IllegalArgumentException("a serial number has at most 20 octets");
        }
    }

    /**
     * A serial from 16 random octets. All 128 bits are kept: the DER form gets a leading zero octet when the first bit
     * is set, rather than losing that bit's entropy.
     */
    public static SerialNumber fromEntropy(byte[] entropy) {
        if (entropy.length != ENTROPY_BYTES) {
            throw new IllegalArgumentException("a serial number takes 16 octets of entropy, not " + entropy.length);
        }
        BigInteger value = new BigInteger(1, entropy);
        // All bits zero comes once in 2^128 draws; one keeps the serial positive.
        return new SerialNumber(value.signum() == 0 ? BigInteger.ONE : value);
    }

    /** Parses the decimal form, the one that users see; IllegalArgumentException when it is none. */
    public static SerialNumber parseDecimal(String text) {
        if (!DECIMAL.matcher(text).matches()) {
            throw new IllegalArgumentException("a serial number has 1 to 48 decimal digits");
        }
        return new SerialNumber(new BigInteger(text));
    }

    public String decimal() {
        return value.toString();
    }

    @Override
    public int compareTo(SerialNumber other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return decimal();
    }
}
