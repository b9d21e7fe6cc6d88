package io.chancery.core.name;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class AddressRangeTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.7, 10.0.0.7, true",
        "10.0.0.7, 10.0.0.8, false",
        "10.0.0.7, ::ffff:10.0.0.7, true",
        "10.0.0.7, a00:7::, false",
        "10.0.0.0/24, 10.0.0.255, true",
        "10.0.0.0/24, 10.0.1.0, false",
        "10.0.0.128/25, 10.0.0.127, false",
        "10.0.0.128/25, 10.0.0.128, true",
        "0.0.0.0/0, 203.0.113.9, true",
        "0.0.0.0/0, fd00::1, false",
        "::/0, fd00::1, true",
        "::/0, 203.0.113.9, false",
        "fd00::/9, fd7f::1, true",
        "fd00::/9, fd80::1, false",
        "fe80::/10, fe80::1%eth0, true",
        "0.0.0.0/0, proxy.example, false"
    })
    void an_address_is_in_a_range_when_it_has_its_first_bits(String range, String address, boolean in) {
        assertThat(AddressRange.parse(range).contains(address)).isEqualTo(in);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.7", "10.0.0.0/24", "0.0.0.0/0", "fd00::/8", "::1"})
    void it_prints_as_it_was_written(String text) {
        AddressRange range = AddressRange.parse(text);
        assertThat(range).hasToString(text).isEqualTo(AddressRange.parse(range.toString()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "proxy",
                "10.0.0",
                "10.0.0.1/",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/08",
                "::/129",
                "[::1]",
                "fe80::1%eth0",
                "::ffff:10.0.0.1",
                "10.0.0.0/8/8",
                " 10.0.0.1"
            })
    void what_is_no_range_is_refused(String text) {
        assertThatThrownBy(() -> AddressRange.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_range_with_bits_beyond_its_prefix_is_refused_with_the_range_that_may_be_meant() {
        assertThatThrownBy(() -> AddressRange.parse("10.0.1.7/23")).hasMessageContaining("\"10.0.0.0/23\"");
    }

    @Test
    void ranges_of_different_lengths_differ() {
        assertThat(AddressRange.parse("10.0.0.0/8"))
                .isNotEqualTo(AddressRange.parse("10.0.0.0/9"))
                .isNotEqualTo(AddressRange.parse("11.0.0.0/8"));
    }
}
