package io.chancery.core.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SecretTest {
    @Test
    void a_secret_gives_copies_of_itself() {
        Secret secret = Secret.of("pässwörd 世 😀");
        secret.chars()[0] = 'x';
        secret.utf8()[0] = 'x';
        assertThat(new String(secret.chars())).isEqualTo("pässwörd 世 😀");
        assertThat(secret.utf8()).isEqualTo("pässwörd 世 😀".getBytes(StandardCharsets.UTF_8));
        assertThat(Secret.of("").utf8()).isEmpty();
    }

    @Test
    void a_secret_is_made_of_UTF_8_whose_octets_are_wiped_also_where_they_are_none() {
        byte[] octets = " pässwörd 世 😀 \n".getBytes(StandardCharsets.UTF_8);
        assertThat(new String(Secret.ofUtf8(octets).chars())).isEqualTo(" pässwörd 世 😀 \n");
        assertThat(octets).containsOnly(0);
        assertThat(Secret.ofUtf8(new byte[0]).chars()).isEmpty();
        byte[] cut = {'1', '2', (byte) 0xc3};
        assertThatThrownBy(() -> Secret.ofUtf8(cut))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("12");
        assertThat(cut).containsOnly(0);
    }

    @Test
    void a_secret_never_prints_and_equals_only_itself() {
        assertThat(Secret.of("1234").toString()).doesNotContain("1234");
        assertThat(Secret.of("1234")).isNotEqualTo(Secret.of("1234"));
    }

    @Test
    void a_wiped_secret_is_gone() {
        Secret secret = Secret.of("1234");
        secret.close();
        assertThatThrownBy(secret::chars).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(secret::utf8).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_secret_that_is_not_text_is_never_shortened_to_what_is() {
        assertThatThrownBy(() -> Secret.of("ab\ud800cd").utf8()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Secret.of("ab\ud800").utf8()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_copy_lives_on_when_the_first_is_wiped() {
        Secret first = Secret.of("1234");
        try (Secret copy = first.copy()) {
            first.close();
            assertThat(copy.chars()).containsExactly('1', '2', '3', '4');
        }
    }
}
