package io.chancery.core.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class JsonTest {
    @Test
    void every_kind_of_value_is_read_in_document_order() {
        Object value = Json.parse(
                " {\"s\":\"\\u00e9\\n\\ud83d\\ude00\",\"n\":-1.50e2,\"t\":true,\"f\":false,\"z\":null,\"l\":[1,[],{}]} ");
        assertThat(value).isInstanceOfSatisfying(Map.class, map -> {
            assertThat(map.keySet().toString()).isEqualTo("[s, n, t, f, z, l]");
            assertThat(map.get("s")).isEqualTo("é\n😀");
            assertThat(map.get("n")).isEqualTo(new BigDecimal("-1.50e2"));
            assertThat(map.get("t")).isEqualTo(true);
            assertThat(map.get("f")).isEqualTo(false);
            assertThat(map.get("z")).isNull();
            assertThat(map.get("l")).isEqualTo(Arrays.asList(BigDecimal.ONE, List.of(), Map.of()));
        });
        assertThat(Json.parse("null")).isNull();
        assertThat(Json.parse("\"x\"")).isEqualTo("x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "}",
                "[",
                "[1",
                "[1,]",
                "[,1]",
                "[1 2]",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{,}",
                "{a:1}",
                "{'a':1}",
                "'a'",
                "a",
                "True",
                "NULL",
                "nul",
                "NaN",
                "Infinity",
                "-Infinity",
                "-",
                "+1",
                "01",
                "-01",
                "1.",
                ".1",
                "1e",
                "1e+",
                "0x1",
                "1_0",
                "\"",
                "\"\n\"",
                "\"\t\"",
                "\"\u0000\"",
                "\"\\x\"",
                "\"\\u12\"",
                "\"\\'\"",
                "\"\\\n\"",
                "{} {}",
                "1 2",
                "{}x",
                "// c\n{}",
                "/* c */{}",
                "# c\n{}",
                "{\"a\":1;\"b\":2}",
                "{\"a\"=1}",
                "{\"a\"=>1}",
                "[1;2]",
                ")]}'\n{}",
                "\ufeff{}",
                "\"\ud800\"",
                "\"\\ud800\"",
                "\"\\udc00\\ud800\"",
                "{\"\\udfff\":1}",
                "{\"a\":1,\"a\":1}",
                "{\"a\":1,\"\\u0061\":1}",
                "[{\"a\":{\"b\":1,\"b\":2}}]",
                "1e99999999999",
                "12345678901234567890123456789012345678901"
            })
    void anything_that_is_not_one_strict_JSON_value_is_refused_in_words(String text) {
        assertThatThrownBy(() -> Json.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(e -> assertThat(e.getMessage()).isNotBlank());
    }

    @Test
    void nesting_beyond_64_levels_is_refused_however_deep_it_is() {
        assertThat(Json.parse("[".repeat(64) + "]".repeat(64))).isNotNull();
        for (int depth : new int[] {66, 1_000, 1_000_000}) {
            assertThatThrownBy(() -> Json.parse("[".repeat(depth)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("nested deeper");
            assertThatThrownBy(() -> Json.parse("{\"a\":".repeat(depth)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("nested deeper");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "{~ `a`: 1,~}               | line 2, column 8: a comma before }",
                "[1,]                       | line 1, column 3: a comma before ]",
                "{~ // why~ `a`: 1}         | line 2, column 2: a comment; JSON has none",
                "{`a`: 1 /* why */}         | line 1, column 9: a comment; JSON has none",
                "{`a`: 1}~{}                | line 2, column 1: something follows the JSON value",
                "{`a`: 1}~# end             | line 2, column 1: a comment; JSON has none",
                "{a: 1}                     | line 1, column 2: the name of a member in double quotes is missing",
                "{`a` 1}                    | line 1, column 6: no colon after the name of a member",
                "{`a`: [1, {`b`: 2}}        | line 1, column 19: no comma and no ] after a value",
                "{`a`: [1, {`b`: 2}         | line 1, column 19: it is cut off: ] is missing",
                "{`a`: 'b'}                 | line 1, column 7: single quotes; JSON's texts have double ones",
                "{`a`: True}                | line 1, column 7: no value: a text has double quotes",
                "{`a`: `b}                  | line 1, column 7: a text that has no end",
                "{`a`: `\\x`}             | line 1, column 9: a backslash in a text with something that it does not go with",
            })
    void a_message_says_what_is_wrong_at_which_line_and_column(String lines, String message) {
        String text = lines.replace('~', '\n').replace('`', '"');
        assertThatThrownBy(() -> Json.parse(text)).hasMessage("not JSON: " + message);
    }

    @Test
    void a_message_tells_where_and_never_a_value() {
        assertThatThrownBy(() -> Json.parse("{\"a\":{\"password\":\"hidden\",\"password\":\"hidden\"}}"))
                .hasMessageContaining("$.a.password")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hidden"));
        assertThatThrownBy(() -> Json.parse("{\n\"password\":\"hidden\" oops}"))
                .hasMessageContaining("line 2")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hidden"));
    }
}
