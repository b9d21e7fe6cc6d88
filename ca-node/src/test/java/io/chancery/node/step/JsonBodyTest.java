package io.chancery.node.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Members of a body that are spoilt, of another type, or nested without an end. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(20)
class JsonBodyTest {
    private static JsonBody body(String json) {
        return JsonBody.read(Buffer.buffer(json));
    }

    private static void undecodable(Runnable attempt) {
        assertThatThrownBy(attempt::run).isInstanceOfSatisfying(CaException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED);
            assertThat(e.publicDetail()).isEqualTo("error decoding json");
        });
    }

    @ParameterizedTest
    @CsvSource({"\\ud800, \ufffd", "a\\udc00b, a\ufffdb", "\\ud83d\\ude00, \ud83d\ude00", "\\ud83dx, \ufffdx"})
    void half_of_a_surrogate_pair_becomes_the_character_for_none(String written, String text) {
        assertThat(body("{\"serial\":\"" + written + "\"}").text("serial")).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "true", "[]", "{}", "[\"x\"]"})
    void a_text_of_another_type_cannot_be_decoded(String value) {
        undecodable(() -> body("{\"ott\":" + value + "}").text("ott"));
        undecodable(() -> body("{\"OTT\":" + value + "}").text("ott"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"1\"", "1.5", "1e0", "99999999999999999999", "[]"})
    void a_number_of_another_type_cannot_be_decoded(String value) {
        undecodable(() -> body("{\"reasonCode\":" + value + "}").integer("reasonCode"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"true\"", "1", "[]"})
    void a_flag_of_another_type_cannot_be_decoded(String value) {
        undecodable(() -> body("{\"passive\":" + value + "}").flag("passive"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/* */ {}", "{ /* */ }", "{\"a\": // b\n 1}", "{\"ott\":\"x\" /**/ }", "{\"a\":[/**/]}"})
    void comments_are_no_JSON(String json) {
        undecodable(() -> body(json));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"ott\":\"x\"} // y", "{\"ott\":\"x\"}}", " \n{\"ott\":\"x\"}{\"ott\":\"y\"}"})
    void what_follows_the_first_value_is_not_looked_at(String json) {
        assertThat(body(json).text("ott")).isEqualTo("x");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "{'ott':'a','OTT':'b'} b",
                "{'OTT':'a','ott':'b'} b",
                "{'ott':'a','OTT':'b','ott':'c'} c",
                "{'ott':'a','Ott':null} a"
            },
            quoteCharacter = '`')
    void of_members_that_differ_in_case_alone_the_last_one_counts(String json, String counts) {
        assertThat(body(json.replace('\'', '"')).text("ott")).isEqualTo(counts);
    }

    @Test
    void a_member_that_another_one_replaces_must_be_of_its_type_too() {
        undecodable(() -> body("{\"OTT\":5,\"ott\":\"x\"}").text("ott"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u2003{}", "{", "{\"a\"", "{\"a\":", "{\"a\":}", "{\"a\":1,}", "[]", "5", "nul", ""})
    void what_is_no_object_cannot_be_decoded(String json) {
        undecodable(() -> body(json));
    }

    @Test
    void what_is_absent_or_null_counts_as_nothing() {
        for (JsonBody nothing :
                new JsonBody[] {body("{}"), body("null"), body("{\"ott\":null,\"reasonCode\":null,\"passive\":null}")
                }) {
            assertThat(nothing.text("ott")).isEmpty();
            assertThat(nothing.integer("reasonCode")).isZero();
            assertThat(nothing.flag("passive")).isFalse();
        }
    }

    @Test
    void nesting_and_digits_without_an_end_cost_little() {
        undecodable(() -> body("{\"x\":" + "[".repeat(60_000)).text("ott"));
        undecodable(() ->
                body("{\"x\":" + "[".repeat(30_000) + "]".repeat(30_000) + "}").text("ott"));
        undecodable(() -> body("{\"reasonCode\":" + "9".repeat(60_000) + "}").integer("reasonCode"));
    }
}
