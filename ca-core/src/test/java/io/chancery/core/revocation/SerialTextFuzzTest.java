package io.chancery.core.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SerialTextFuzzTest {
    @FuzzTest(maxDuration = "10m")
    void any_text_is_a_serial_number_that_reads_as_itself_or_none(byte[] data) {
        SerialText.parse(new String(data, StandardCharsets.UTF_8))
                .ifPresent(
                        serial -> assertThat(SerialText.parse(serial.decimal())).contains(serial));
    }
}
