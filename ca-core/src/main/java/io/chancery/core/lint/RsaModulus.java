package io.chancery.core.lint;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** An RSA modulus, and what anyone can find out about how its primes were made. About 0.1 ms in all at 4096 bits. */
final class RsaModulus {
    /** CA/B BR s. 6.1.1.3: keys that fall within 100 rounds; Boulder and zlint look for as many. */
    static final int FERMAT_ROUNDS = 100;

    private static final int LARGEST_SMALL_PRIME = 751; // CA/B BR s. 6.1.6, NIST SP 800-89 s. 5.3.3
    private static final int LARGEST_ROCA_PRIME =
            167; // the 39 primes that every such key's M has, 512 bits long or more
    private static final int ROCA_GENERATOR = 65_537;

    private static final int[] PRIMES = primes();
    private static final List<Group> GROUPS = groups();
    private static final BigInteger PRODUCT =
            GROUPS.stream().map(Group::product).reduce(BigInteger.ONE, BigInteger::multiply);
    private static final List<BitSet> POWERS = powers();
    /** A square is one modulo each; together they let one number in some thousands through that is none. */
    private static final int[] SIEVE = {64, 63, 65, 11, 17, 19, 23, 31};

    private static final long SIEVE_PRODUCT = sieveProduct();
    private static final List<BitSet> SQUARES = squares();

    private final BigInteger value;
    private final int[] residues;

    /** So many primes that their product fits a long, so that the modulus is divided once for all of them. */
    private record Group(BigInteger product, int from, int to) {}

    RsaModulus(BigInteger value) {
        this.value = value;
        this.residues = new int[PRIMES.length];
        BigInteger small = value.mod(PRODUCT); // one long division, and short ones from then on
        for (Group group : GROUPS) {
            long rest = small.mod(group.product()).longValueExact();
            for (int i = group.from(); i < group.to(); i++) {
                residues[i] = (int) (rest % PRIMES[i]);
            }
        }
    }

    BigInteger value() {
        return value;
    }

    int bits() {
        return value.bitLength();
    }

    /** A prime below 752 that divides it. */
    Optional<Integer> smallFactor() {
        for (int i = 0; i < PRIMES.length; i++) {
            if (residues[i] == 0) {
                return Optional.of(PRIMES[i]);
            }
        }
        return Optional.empty();
    }

    /**
     * Whether it is of the form that Infineon's library made (CVE-2017-15361, Nemec et al., CCS 2017, s. 2.2): primes
     * k·M + (65537^a mod M), so the modulus is a power of 65537 modulo every prime in M. One good modulus in some 100
     * million looks like that.
     */
    boolean isRoca() {
        for (int i = 0; i < POWERS.size(); i++) {
            if (!POWERS.get(i).get(residues[i])) {
                return false;
            }
        }
        return true;
    }

    /** Whether Fermat's method finds the primes within {@link #FERMAT_ROUNDS}: a² − n is a square for an a just above √n. */
    boolean hasClosePrimes() {
        BigInteger root = squareRoot(value);
        if (root.multiply(root).equals(value)) {
            return true;
        }
        BigInteger first = root.add(BigInteger.ONE);
        BigInteger product = BigInteger.valueOf(SIEVE_PRODUCT);
        long a = first.mod(product).longValueExact();
        long difference = first.multiply(first).subtract(value).mod(product).longValueExact();
        for (int round = 0; round < FERMAT_ROUNDS; round++) {
            if (mayBeSquare(difference) && isSquareAt(first.add(BigInteger.valueOf(round)))) {
                return true;
            }
            difference = (difference + 2 * a + 1) % SIEVE_PRODUCT; // (a + 1)² is a² + 2a + 1
            a = (a + 1) % SIEVE_PRODUCT;
        }
        return false;
    }

    /** The largest number whose square is not above it: BigInteger's own divides whole numbers some ten times over. */
    private static BigInteger squareRoot(BigInteger number) {
        int half = number.bitLength() / 4 - 1;
        if (half < Long.SIZE) {
            return number.sqrt();
        }
        // The root of the upper half has half of the digits right; one step of Newton's method doubles that.
        BigInteger near = squareRoot(number.shiftRight(2 * half)).shiftLeft(half);
        BigInteger root = near.add(number.divide(near)).shiftRight(1);
        while (root.multiply(root).compareTo(number) > 0) {
            root = root.subtract(BigInteger.ONE);
        }
        BigInteger next = root.add(BigInteger.ONE);
        while (next.multiply(next).compareTo(number) <= 0) {
            root = next;
            next = root.add(BigInteger.ONE);
        }
        return root;
    }

    private boolean isSquareAt(BigInteger a) {
        return a.multiply(a).subtract(value).sqrtAndRemainder()[1].signum() == 0;
    }

    private static boolean mayBeSquare(long residue) {
        for (int i = 0; i < SIEVE.length; i++) {
            if (!SQUARES.get(i).get((int) (residue % SIEVE[i]))) {
                return false;
            }
        }
        return true;
    }

    private static int[] primes() {
        List<Integer> found = new ArrayList<>();
        for (int candidate = 2; candidate <= LARGEST_SMALL_PRIME; candidate++) {
            int each = candidate;
            if (found.stream().noneMatch(prime -> each % prime == 0)) {
                found.add(candidate);
            }
        }
        return found.stream().mapToInt(Integer::intValue).toArray();
    }

    private static List<Group> groups() {
        List<Group> all = new ArrayList<>();
        int from = 0;
        while (from < PRIMES.length) {
            int to = from;
            long product = 1;
            while (to < PRIMES.length && product <= Long.MAX_VALUE / PRIMES[to]) {
                product *= PRIMES[to++];
            }
            all.add(new Group(BigInteger.valueOf(product), from, to));
            from = to;
        }
        return all;
    }

    /** Of each prime in M, which residues are powers of the generator. */
    private static List<BitSet> powers() {
        List<BitSet> all = new ArrayList<>();
        for (int i = 0; PRIMES[i] <= LARGEST_ROCA_PRIME; i++) {
            BitSet powers = new BitSet();
            int power = 1;
            do {
                powers.set(power);
                power = power * (ROCA_GENERATOR % PRIMES[i]) % PRIMES[i];
            } while (power != 1);
            all.add(powers);
        }
        return all;
    }

    private static long sieveProduct() {
        long product = 1;
        for (int each : SIEVE) {
            product *= each;
        }
        return product;
    }

    private static List<BitSet> squares() {
        List<BitSet> all = new ArrayList<>();
        for (int each : SIEVE) {
            BitSet squares = new BitSet();
            for (int i = 0; i < each; i++) {
                squares.set(i * i % each);
            }
            all.add(squares);
        }
        return all;
    }
}
