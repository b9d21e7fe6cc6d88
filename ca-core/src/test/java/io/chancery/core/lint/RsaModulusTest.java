package io.chancery.core.lint;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.TestKeys;
import java.math.BigInteger;
import java.security.interfaces.RSAPublicKey;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RsaModulusTest {
    private static final long SEED = 20_261_126L;

    @Test
    void a_key_that_was_made_well_shows_no_weakness() {
        RsaModulus modulus =
                new RsaModulus(((RSAPublicKey) TestKeys.of("RSA-2048").getPublic()).getModulus());
        assertThat(modulus.smallFactor()).isEmpty();
        assertThat(modulus.isRoca()).isFalse();
        assertThat(modulus.hasClosePrimes()).isFalse();
    }

    @Test
    void a_key_of_the_flawed_library_is_known_by_its_residues() {
        Random random = new Random(SEED);
        assertThat(new RsaModulus(WeakModuli.roca(random)).isRoca()).isTrue();
        assertThat(new RsaModulus(WeakModuli.rocaForm(random)).isRoca()).isTrue();
        assertThat(new RsaModulus(WeakModuli.rocaForm(random).add(BigInteger.TWO)).isRoca())
                .isFalse();
    }

    @Test
    void neighbouring_primes_are_found() throws Exception {
        RSAPublicKey key =
                (RSAPublicKey) WeakModuli.neighbours(new Random(SEED)).getPublic();
        assertThat(new RsaModulus(key.getModulus()).hasClosePrimes()).isTrue();
        BigInteger prime = BigInteger.valueOf(65_537);
        assertThat(new RsaModulus(prime.multiply(prime)).hasClosePrimes()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 50, 99, 100})
    void a_hundred_rounds_are_made(int round) {
        assertThat(new RsaModulus(WeakModuli.inRound(round, new Random(SEED))).hasClosePrimes())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {101, 102, 1_000})
    void no_more_than_a_hundred_rounds_are_made(int round) {
        assertThat(new RsaModulus(WeakModuli.inRound(round, new Random(SEED))).hasClosePrimes())
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 167, 751})
    void a_small_factor_is_named(int factor) {
        BigInteger modulus = ((RSAPublicKey) TestKeys.of("RSA-2048").getPublic()).getModulus();
        assertThat(new RsaModulus(modulus.multiply(BigInteger.valueOf(factor))).smallFactor())
                .contains(factor);
        assertThat(new RsaModulus(modulus.multiply(BigInteger.valueOf(757))).smallFactor())
                .isEmpty();
    }

    @Test
    void ordinary_numbers_are_not_taken_for_weak_ones() {
        Random random = new Random(SEED);
        for (int i = 0; i < 300; i++) {
            RsaModulus modulus = new RsaModulus(WeakModuli.ordinary(random));
            assertThat(modulus.isRoca() || modulus.hasClosePrimes()).isFalse();
        }
    }
}
