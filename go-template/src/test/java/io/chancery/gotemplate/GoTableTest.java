package io.chancery.gotemplate;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.gotemplate.sprig.Sprig;
import io.chancery.gotemplate.text.Utf8;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class GoTableTest {
    static Stream<GoTable.Row> rows() {
        return GoTable.rows();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void output_and_errors_are_those_of_go(GoTable.Row row) {
        assertThat(outcome(row)).isEqualTo(row.expected());
    }

    @Test
    void the_table_is_large() {
        assertThat(GoTable.rows().count()).isGreaterThan(800);
    }

    static String outcome(GoTable.Row row) {
        try {
            String output = GoTemplate.compile("t", row.template(), Sprig.functions())
                    .execute(row.data(), GoTable.LIMITS, GoTable.SURROUNDINGS);
            return Utf8.scrubbed(output); // the table is JSON: no place for octets that are no text
        } catch (TemplateException e) {
            return "error: " + Utf8.scrubbed(String.valueOf(e.getMessage()));
        }
    }
}
