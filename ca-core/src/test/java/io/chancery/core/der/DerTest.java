package io.chancery.core.der;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DerTest {
    @Test
    void bytes_are_copied_in_and_out() {
        byte[] bytes = {1, 2};
        Der der = Der.of(bytes);
        bytes[0] = 9;
        der.bytes()[1] = 9;
        assertThat(der.bytes()).containsExactly(1, 2);
        assertThat(der.length()).isEqualTo(2);
    }

    @Test
    void bytes_are_compared_by_content_and_printed_in_short() {
        assertThat(Der.of(new byte[] {1})).isEqualTo(Der.of(new byte[] {1})).isNotEqualTo(Der.of(new byte[] {2}));
        assertThat(Der.of(new byte[] {1})).hasSameHashCodeAs(Der.of(new byte[] {1}));
        assertThat(Der.of(new byte[1000]).toString()).hasSizeLessThan(40).contains("1000");
        assertThat(Der.of(new byte[0]).toString()).contains("0");
    }

    @Test
    void a_digest_is_that_of_all_parts_in_a_row_and_keeps_its_bytes() {
        byte[] abc = "abc".getBytes(StandardCharsets.US_ASCII);
        Sha256 digest = Sha256.digest(abc);
        assertThat(digest.hex()).isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assertThat(Sha256.digest(new byte[] {'a'}, new byte[0], new byte[] {'b', 'c'}))
                .isEqualTo(digest);
        digest.value()[0] = 0;
        assertThat(digest).hasToString(digest.hex()).isEqualTo(Sha256.ofValue(digest.value()));
        assertThat(digest).hasSameHashCodeAs(Sha256.digest(abc)).isNotEqualTo(Sha256.digest());
        assertThatThrownBy(() -> Sha256.ofValue(new byte[31])).isInstanceOf(IllegalArgumentException.class);
    }
}
