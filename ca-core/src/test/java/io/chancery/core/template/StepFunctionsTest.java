package io.chancery.core.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.gotemplate.GoTemplate;
import io.chancery.gotemplate.TemplateException;
import io.chancery.gotemplate.budget.Limits;
import io.chancery.gotemplate.budget.Surroundings;
import io.chancery.gotemplate.value.Int;
import io.chancery.gotemplate.value.Sequence;
import io.chancery.gotemplate.value.Type;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class StepFunctionsTest {
    private static String run(String text, Map<String, Object> data) throws TemplateException {
        return GoTemplate.compile("t", text, StepFunctions.functions())
                .execute(data, Limits.STANDARD, Surroundings.still(Instant.EPOCH));
    }

    @Test
    void a_list_of_lists_is_marshalled_within_the_budget() throws TemplateException {
        String text = "{{$l := list 1}}{{range until %d}}{{$l = list %s}}{{end}}{{asn1Marshal $l}}";
        assertThat(run(String.format(text, 1, "$l $l"), Map.of())).isEqualTo("MAowAwIBATADAgEB");
        assertThatThrownBy(() -> run(String.format(text, 40, "$l $l"), Map.of()))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("larger than");
        assertThatThrownBy(() -> run(String.format(text, 10_000, "$l"), Map.of()))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("nested deeper than");
    }

    @Test
    void octets_are_marshalled_as_an_octet_string() throws TemplateException {
        Sequence octets = new Sequence(Type.OCTETS, List.of(new Int(Type.UINT8, 1), new Int(Type.UINT8, 255)), false);
        assertThat(run("{{asn1Marshal .o}}", Map.of("o", octets))).isEqualTo("BAIB/w==");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{asn1Enc \"raw:\"}}",
                "{{formatTime 31556889864403199}}",
                "{{toTime -9223372036854775808}}",
                "{{$t := toTime 0}}{{range until 5}}{{$t = $t.AddDate 999999 0 0}}{{end}}"
            })
    void what_a_function_cannot_do_is_the_templates_failure(String text) {
        assertThatThrownBy(() -> run(text, Map.of()))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("error calling ")
                .hasMessageNotContaining("Exception");
    }
}
