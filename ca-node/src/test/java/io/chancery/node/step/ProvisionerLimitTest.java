package io.chancery.node.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code limit} of {@code GET /provisioners}. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ProvisionerLimitTest {
    @ParameterizedTest
    @CsvSource({
        "'', 0",
        "7, 7",
        "+7, 7",
        "007, 7",
        "-1, -1",
        "3000000000, 2147483647",
        "9223372036854775807, 2147483647",
        "-3000000000, -2147483648"
    })
    void a_limit_is_an_int_of_64_bits(String text, int limit) {
        assertThat(ProvisionerHandlers.limit(text)).isEqualTo(limit);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", " 7", "7 ", "0x7", "1_0", "+", "--1", "\u0667", "9223372036854775808"})
    void another_text_is_none(String text) {
        assertThatThrownBy(() -> ProvisionerHandlers.limit(text)).isInstanceOfSatisfying(CaException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED);
            assertThat(e.publicDetail()).isEqualTo("limit '" + text + "' is not an integer");
        });
    }
}
