package io.chancery.core.lint;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.spec.RSAKeyGenParameterSpec;
import java.security.spec.RSAPrivateKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Random;

/** RSA moduli as flawed generators make them. */
public final class WeakModuli {
    private static final int PRIME_BITS = 1024;
    private static final int ROCA_PRIME_BITS = 512;
    private static final int ROCA_PRIMES = 71; // of keys of 1024 bits: Nemec et al., CCS 2017, table 1

    private static final BigInteger M = product(ROCA_PRIMES);

    private WeakModuli() {}

    /** p = k·M + (65537^a mod M), with M the product of the first 71 primes, and q alike; both are primes. */
    static BigInteger roca(Random random) {
        return prime(random).multiply(prime(random));
    }

    /** As {@link #roca}, of 2048 bits and with factors that are hardly primes: found at once, and of the same form. */
    static BigInteger rocaForm(Random random) {
        return candidate(PRIME_BITS, random).multiply(candidate(PRIME_BITS, random));
    }

    private static BigInteger prime(Random random) {
        BigInteger candidate = candidate(ROCA_PRIME_BITS, random);
        while (!candidate.isProbablePrime(20)) {
            candidate = candidate(ROCA_PRIME_BITS, random);
        }
        return candidate;
    }

    private static BigInteger candidate(int bits, Random random) {
        int spare = bits - M.bitLength();
        BigInteger k = new BigInteger(spare, random).setBit(spare - 1).setBit(spare - 2);
        return k.multiply(M).add(BigInteger.valueOf(65_537).modPow(new BigInteger(64, random), M));
    }

    private static BigInteger product(int primes) {
        BigInteger product = BigInteger.ONE;
        BigInteger prime = BigInteger.ONE;
        for (int i = 0; i < primes; i++) {
            prime = prime.nextProbablePrime();
            product = product.multiply(prime);
        }
        return product;
    }

    /** A key that signs, of a prime and the next one after it. */
    public static KeyPair neighbours(Random random) throws GeneralSecurityException {
        BigInteger p = new BigInteger(PRIME_BITS, random)
                .setBit(PRIME_BITS - 1)
                .setBit(PRIME_BITS - 2)
                .nextProbablePrime();
        BigInteger q = p.nextProbablePrime();
        BigInteger n = p.multiply(q);
        BigInteger totient = p.subtract(BigInteger.ONE).multiply(q.subtract(BigInteger.ONE));
        KeyFactory factory = KeyFactory.getInstance("RSA");
        return new KeyPair(
                factory.generatePublic(new RSAPublicKeySpec(n, RSAKeyGenParameterSpec.F4)),
                factory.generatePrivate(new RSAPrivateKeySpec(n, RSAKeyGenParameterSpec.F4.modInverse(totient))));
    }

    /** One that Fermat's method factors in just that round, counted from 1; its factors are no primes. */
    static BigInteger inRound(int round, Random random) {
        BigInteger a = new BigInteger(PRIME_BITS, random)
                .setBit(PRIME_BITS - 1)
                .setBit(PRIME_BITS - 2)
                .clearBit(0);
        // √(a² − b²) is about a − b²/2a, so the first number above it is round − 1 below a.
        BigInteger b = a.multiply(BigInteger.valueOf(2L * round - 1)).sqrt().setBit(0);
        return a.multiply(a).subtract(b.multiply(b));
    }

    /** What nobody knows anything of: no two primes, but as likely to be taken for a weak one. */
    static BigInteger ordinary(Random random) {
        return new BigInteger(2 * PRIME_BITS, random).setBit(2 * PRIME_BITS - 1).setBit(0);
    }
}
