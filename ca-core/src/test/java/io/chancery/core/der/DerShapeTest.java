package io.chancery.core.der;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DerShapeTest {
    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    @ParameterizedTest
    @ValueSource(strings = {"3000", "0500", "30030201ff", "3004300202 00", "0c03616263"})
    void whole_elements_pass(String hex) {
        assertThatCode(() -> DerShape.check(hex(hex.replace(" ", "")))).doesNotThrowAnyException();
    }

    @Test
    void lengths_of_one_to_four_octets_pass_when_they_are_the_shortest() {
        for (int length : new int[] {127, 128, 255, 256, 65_535, 65_536}) {
            int octets = length < 128 ? 0 : length < 256 ? 1 : length < 65_536 ? 2 : 3;
            byte[] bytes = new byte[2 + octets + length];
            bytes[0] = 4;
            bytes[1] = (byte) (octets == 0 ? length : 0x80 | octets);
            for (int i = 0; i < octets; i++) {
                bytes[2 + i] = (byte) (length >> (8 * (octets - 1 - i)));
            }
            assertThatCode(() -> DerShape.check(bytes)).as("%d", length).doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'', cut off",
        "30, cut off",
        "3001, cut off",
        "300102, cut off",
        "30040202ff, cut off",
        "3003020201, cut off",
        "30000, follow",
        "300000, follow",
        "30800000, not DER",
        "3080, not DER",
        "308100, not the shortest",
        "30817f, not the shortest",
        "3082007f, not the shortest",
        "308200ff, not the shortest",
        "308400010000, not the shortest",
        "3085, not DER",
        "30850000000001, not DER",
        "3084ffffffff, cut off",
        "30847fffffff, cut off",
        "30ff, not DER",
        "3f810100, tag number",
        "1f00, tag number"
    })
    void anything_else_is_refused_with_the_reason(String hex, String reason) {
        byte[] bytes = hex(hex.length() % 2 == 0 ? hex : hex + "0");
        assertThatThrownBy(() -> DerShape.check(bytes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void nesting_passes_to_the_limit_and_no_further() {
        assertThatCode(() -> DerShape.check(nested(DerShape.MAX_DEPTH))).doesNotThrowAnyException();
        assertThatThrownBy(() -> DerShape.check(nested(DerShape.MAX_DEPTH + 1))).hasMessageContaining("nested deeper");
    }

    private static byte[] nested(int levels) {
        byte[] bytes = {0x30, 0};
        for (int i = 0; i < levels; i++) {
            byte[] outer = new byte[bytes.length + 2];
            outer[0] = 0x30;
            outer[1] = (byte) bytes.length;
            System.arraycopy(bytes, 0, outer, 2, bytes.length);
            bytes = outer;
        }
        return bytes;
    }

    @Test
    void the_members_of_an_element_are_given_with_their_headers() {
        assertThat(DerShape.members(hex("30080201053000040100")))
                .containsExactly(Der.of(hex("020105")), Der.of(hex("3000")), Der.of(hex("040100")));
        assertThat(DerShape.members(hex("3000"))).isEmpty();
    }
}
