package io.chancery.core.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WebhookAnswerFuzzTest {
    private static final int LONGEST = 1_001;

    @FuzzTest(maxDuration = "10m")
    void any_answer_is_read_or_refused_in_words_and_no_refusal_is_long(byte[] data) {
        try {
            WebhookAnswer answer = WebhookAnswer.read(new String(data, StandardCharsets.UTF_8));
            assertThat(answer.refusal().map(String::length).orElse(0)).isLessThanOrEqualTo(LONGEST);
            assertThat(answer.allow() && answer.refusal().isPresent()).isFalse();
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }
}
