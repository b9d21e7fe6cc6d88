package io.chancery.core.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Random;
import org.bouncycastle.asn1.ASN1Integer;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SerialNumberTest {
    @Test
    void all_128_bits_are_kept_and_the_serial_is_positive_and_short_enough() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        BigInteger ones = BigInteger.ZERO;
        for (int i = 0; i < 1_000; i++) {
            byte[] entropy = new byte[SerialNumber.ENTROPY_BYTES];
            random.nextBytes(entropy);
            SerialNumber serial = SerialNumber.fromEntropy(entropy);
            assertThat(serial.value()).as("seed %d", seed).isPositive().isEqualTo(new BigInteger(1, entropy));
            assertThat(new ASN1Integer(serial.value()).getEncoded().length - 2).isLessThanOrEqualTo(20);
            assertThat(SerialNumber.parseDecimal(serial.decimal())).isEqualTo(serial);
            ones = ones.or(serial.value());
        }
        assertThat(ones.bitCount()).as("every bit comes up").isEqualTo(128);
    }

    @Test
    void sixteen_zero_octets_still_make_a_positive_serial() {
        assertThat(SerialNumber.fromEntropy(new byte[16]).value()).isEqualTo(BigInteger.ONE);
        byte[] largest = new byte[16];
        Arrays.fill(largest, (byte) 0xff);
        assertThat(SerialNumber.fromEntropy(largest).value().bitLength()).isEqualTo(128);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 15, 17, 32})
    void entropy_of_another_length_is_refused(int length) {
        assertThatThrownBy(() -> SerialNumber.fromEntropy(new byte[length]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void the_largest_serial_has_twenty_octets() {
        BigInteger largest = BigInteger.ONE.shiftLeft(159).subtract(BigInteger.ONE);
        assertThat(SerialNumber.parseDecimal(largest.toString()).value()).isEqualTo(largest);
        assertThatThrownBy(() -> new SerialNumber(largest.add(BigInteger.ONE)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "0", "-1", "+1", "0x1", "1 ", "1e3", "٣", "9999999999999999999999999999999999999999999999999"
            })
    void a_text_that_is_no_decimal_serial_is_refused(String text) {
        assertThatThrownBy(() -> SerialNumber.parseDecimal(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void serials_are_ordered_as_numbers() {
        assertThat(SerialNumber.parseDecimal("9")).isLessThan(SerialNumber.parseDecimal("10"));
        assertThat(SerialNumber.parseDecimal("10")).hasToString("10");
    }
}
