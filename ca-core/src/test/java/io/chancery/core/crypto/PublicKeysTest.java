package io.chancery.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.TestKeys;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.profile.KeyStrength;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.spec.RSAPublicKeySpec;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PublicKeysTest {
    static Stream<Arguments> keys_and_providers() {
        return Stream.of("BC", "SunEC", "SunRsaSign")
                .flatMap(p -> Stream.of(
                        Arguments.of(p, "P-224", "SHA256withECDSA"),
                        Arguments.of(p, "P-256", "SHA256withECDSA"),
                        Arguments.of(p, "P-384", "SHA384withECDSA"),
                        Arguments.of(p, "P-521", "SHA512withECDSA"),
                        Arguments.of(p, "RSA-2048", "SHA256withRSA"),
                        Arguments.of(p, "Ed25519", "Ed25519")));
    }

    private static PublicKeys keys(String provider) {
        Provider preferred = provider.equals("BC") ? TestKeys.BC : Security.getProvider(provider);
        return new PublicKeys(preferred);
    }

    @ParameterizedTest
    @MethodSource("keys_and_providers")
    void every_key_is_read_and_verifies_whatever_provider_is_preferred(String provider, String kind, String scheme) {
        PublicKeys keys = keys(provider);
        byte[] encoded = TestKeys.of(kind).getPublic().getEncoded();
        PublicKey key = keys.decode(SubjectPublicKeyInfo.getInstance(encoded));
        assertThat(key.getEncoded()).isEqualTo(encoded);
        byte[] data = {1, 2, 3};
        byte[] signature = TestKeys.sign(scheme, TestKeys.of(kind).getPrivate(), data);
        assertThat(keys.verify(SignatureCheck.named(scheme), key, data, signature))
                .isTrue();
        assertThat(keys.verify(SignatureCheck.named(scheme), key, new byte[] {1, 2, 4}, signature))
                .isFalse();
        assertThat(keys.verify(SignatureCheck.named(scheme), key, data, new byte[0]))
                .isFalse();
        assertThat(keys.verify(SignatureCheck.named("no such scheme"), key, data, signature))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"BC", "SunEC", "SunRsaSign"})
    void no_RSA_key_of_a_stranger_is_tested_for_primes(String provider) {
        byte[] encoded = TestKeys.of("RSA-2048").getPublic().getEncoded();
        assertThat(keys(provider)
                        .decode(SubjectPublicKeyInfo.getInstance(encoded))
                        .getClass()
                        .getName())
                .doesNotContain("bouncycastle");
    }

    @ParameterizedTest
    @CsvSource({"2047, FORBIDDEN", "2048, ", "16384, ", "16385, BAD_KEY"})
    void an_RSA_key_has_2048_to_16384_bits(int bits, ErrorCode refusal) throws Exception {
        BigInteger modulus = BigInteger.ONE.shiftLeft(bits - 1).add(BigInteger.ONE);
        PublicKey key = new RsaOf(modulus, BigInteger.valueOf(65_537));
        if (refusal == null) {
            KeyStrength.check(key);
        } else {
            assertThatThrownBy(() -> KeyStrength.check(key))
                    .isInstanceOfSatisfying(
                            CaException.class, e -> assertThat(e.code()).isEqualTo(refusal));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 4, 65_536})
    void an_RSA_exponent_is_odd_and_above_two(int exponent) {
        PublicKey key = new RsaOf(BigInteger.ONE.shiftLeft(2047).add(BigInteger.ONE), BigInteger.valueOf(exponent));
        assertThatThrownBy(() -> KeyStrength.check(key))
                .isInstanceOfSatisfying(
                        CaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_KEY));
    }

    @Test
    void keys_of_other_types_are_strong_enough() throws Exception {
        KeyStrength.check(TestKeys.of("P-224").getPublic());
        KeyStrength.check(TestKeys.of("Ed25519").getPublic());
        KeyStrength.check(KeyFactory.getInstance("RSA")
                .generatePublic(new RSAPublicKeySpec(
                        BigInteger.ONE.shiftLeft(2047).add(BigInteger.ONE), BigInteger.valueOf(3))));
    }

    /** Numbers that no key factory would let through. */
    private record RsaOf(BigInteger modulus, BigInteger exponent) implements java.security.interfaces.RSAPublicKey {
        private static final long serialVersionUID = 1L;

        @Override
        public BigInteger getModulus() {
            return modulus;
        }

        @Override
        public BigInteger getPublicExponent() {
            return exponent;
        }

        @Override
        public String getAlgorithm() {
            return "RSA";
        }

        @Override
        public String getFormat() {
            return "X.509";
        }

        @Override
        public byte[] getEncoded() {
            return new byte[0];
        }
    }
}
