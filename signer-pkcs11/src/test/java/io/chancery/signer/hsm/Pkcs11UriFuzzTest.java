package io.chancery.signer.hsm;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;

@DisplayNameGeneration(ReplaceUnderscores.class)
class Pkcs11UriFuzzTest {
    private static final String PIN = "hidden-pin-417";

    @FuzzTest(maxDuration = "10m")
    void any_text_parses_or_is_refused_in_words_and_no_pin_is_shown(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        Pkcs11Uri uri;
        try {
            uri = Pkcs11Uri.parse(text);
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("URI");
            return;
        }
        // What is printed parses again and means the same, but for the PIN; encoded, it may be longer than is read.
        String printed = uri.toString();
        if (printed.length() > Pkcs11Attributes.MAX_LENGTH) {
            return;
        }
        assertThat(Pkcs11Uri.parse(printed)).hasToString(printed);
        assertThat(Pkcs11Uri.parse(printed).id()).isEqualTo(uri.id());
        assertThat(Pkcs11Uri.parse(printed).object()).isEqualTo(uri.object());
        assertThat(Pkcs11Uri.parse(printed).token()).isEqualTo(uri.token());
        assertThat(uri.withDefaults(uri)).hasToString(printed);
        Pkcs11Uri other = Pkcs11Uri.parse("pkcs11:token=t;pin-value=" + PIN);
        assertThat(uri.withDefaults(other).toString()).doesNotContain(PIN);
    }
}
