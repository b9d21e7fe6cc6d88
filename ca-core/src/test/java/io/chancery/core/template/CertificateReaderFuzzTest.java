package io.chancery.core.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;

@DisplayNameGeneration(ReplaceUnderscores.class)
class CertificateReaderFuzzTest {
    @FuzzTest(maxDuration = "10m")
    void whatever_a_template_gives_is_a_certificate_that_names_somebody_or_is_refused_in_words(byte[] data) {
        try {
            if (Json.parse(new String(data, StandardCharsets.UTF_8)) instanceof Map<?, ?> map) {
                @SuppressWarnings("unchecked") // JSON objects have string keys
                Map<String, @Nullable Object> members = (Map<String, @Nullable Object>) map;
                assertThat(new CertificateReader(members, SubjectDefaults.NONE).read())
                        .isNotNull();
            }
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotBlank();
        } catch (CaException e) {
            // A serial number of its own, or a name that certificates cannot hold.
            assertThat(e.code()).isIn(ErrorCode.FORBIDDEN, ErrorCode.MALFORMED);
        }
    }
}
