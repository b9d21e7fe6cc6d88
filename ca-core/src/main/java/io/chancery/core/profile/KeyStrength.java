package io.chancery.core.profile;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import java.math.BigInteger;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;

/** Which subject keys are strong enough (wire contract s. 4.6). */
public final class KeyStrength {
    private static final int MIN_RSA_BITS = 2048;
    private static final int MAX_RSA_BITS = 16384;

    private KeyStrength() {}

    /** CaException FORBIDDEN or BAD_KEY in step-ca's words. */
    public static void check(PublicKey key) {
        if (key instanceof RSAPublicKey rsa) {
            if (rsa.getModulus().bitLength() < MIN_RSA_BITS) {
                throw CaException.of(
                        ErrorCode.FORBIDDEN, "certificate request RSA key must be at least 2048 bits (256 bytes)");
            }
            if (rsa.getModulus().bitLength() > MAX_RSA_BITS) {
                throw CaException.of(ErrorCode.BAD_KEY, "certificate request RSA key is longer than 16384 bits");
            }
            if (rsa.getPublicExponent().compareTo(BigInteger.TWO) <= 0
                    || !rsa.getPublicExponent().testBit(0)) {
                throw CaException.of(ErrorCode.BAD_KEY, "certificate request RSA key has a bad public exponent");
            }
        }
    }
}
