package io.chancery.core.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WebhookAnswerTest {
    @Test
    void leave_comes_with_data_of_any_kind() {
        WebhookAnswer answer =
                WebhookAnswer.read("{\"allow\":true,\"data\":{\"a\":[1,null]},\"error\":{\"code\":\"x\"}}");
        assertThat(answer.allow()).isTrue();
        assertThat(answer.data())
                .isInstanceOfSatisfying(
                        Map.class,
                        data -> assertThat(data.get("a")).isEqualTo(java.util.Arrays.asList(BigDecimal.ONE, null)));
        assertThat(answer.refusal()).isEmpty();
    }

    @Test
    void names_are_read_in_any_case() {
        assertThat(WebhookAnswer.read("{\"ALLOW\":true,\"Data\":7}"))
                .isEqualTo(new WebhookAnswer(true, new BigDecimal("7"), Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "null", "{\"allow\":false}", "{\"allow\":null}", "{\"data\":1}"})
    void what_does_not_say_so_is_no_leave(String json) {
        assertThat(WebhookAnswer.read(json).allow()).isFalse();
        assertThat(WebhookAnswer.read(json).refusal()).isEmpty();
    }

    @Test
    void a_refusal_has_message_and_code() {
        assertThat(WebhookAnswer.read("{\"error\":{\"code\":\"C1\",\"message\":\"not you\"}}")
                        .refusal())
                .contains("not you (C1)");
    }

    @Test
    void long_words_are_cut() {
        String words = WebhookAnswer.read("{\"error\":{\"message\":\"" + "x".repeat(5_000) + "\"}}")
                .refusal()
                .orElseThrow();
        assertThat(words).hasSize(1_001);
    }

    @Test
    void long_words_are_not_cut_in_the_middle_of_a_character() {
        String smile = "\uD83D\uDE00";
        for (String before : new String[] {"", "x"}) {
            String words = WebhookAnswer.read("{\"error\":{\"message\":\"" + before + smile.repeat(1_000) + "\"}}")
                    .refusal()
                    .orElseThrow();
            assertThat(words).isEqualTo(before + smile.repeat(before.isEmpty() ? 500 : 499) + "…");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hello",
                "[]",
                "7",
                "{\"allow\":\"yes\"}",
                "{\"allow\":true} {}",
                "{\"allow\":true,\"allow\":false}",
                "{\"error\":7}",
                "{\"error\":{\"code\":7}}",
                "{\"allow\":true"
            })
    void anything_else_is_no_answer(String json) {
        assertThatThrownBy(() -> WebhookAnswer.read(json)).isInstanceOf(IllegalArgumentException.class);
    }
}
