package io.chancery.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.json.Json;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** docs/chancery.schema.json says what the reader does. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ChancerySchemaTest {
    private static final String STRANGER = "a-member-that-nobody-could-mean-by-mistake";

    private static Map<?, ?> schema() throws IOException {
        return (Map<?, ?>)
                Json.parse(Files.readString(Path.of("../docs/chancery.schema.json"), StandardCharsets.UTF_8));
    }

    private static List<ConfigProblem> read(String json) {
        return ChanceryConfigReader.read("chancery.json", json, Path.of("/")).problems();
    }

    /** Puts a value at a pointer of names. */
    private static String at(String pointer, String json) {
        String result = json;
        String[] names = pointer.split("/");
        for (int i = names.length - 1; i > 0; i--) {
            result = "{\"" + names[i] + "\":" + result + "}";
        }
        return result;
    }

    private static void walk(String pointer, Map<?, ?> schema, List<Map.Entry<String, Map<?, ?>>> found) {
        found.add(Map.entry(pointer, schema));
        if (schema.get("properties") instanceof Map<?, ?> properties) {
            properties.forEach((name, inner) -> walk(pointer + "/" + name, (Map<?, ?>) inner, found));
        }
        if (schema.get("additionalProperties") instanceof Map<?, ?> inner) {
            walk(pointer + "/a-name", inner, found);
        }
    }

    private static List<Map.Entry<String, Map<?, ?>>> all() throws IOException {
        List<Map.Entry<String, Map<?, ?>>> found = new ArrayList<>();
        walk("", schema(), found);
        return found;
    }

    @Test
    void every_object_has_just_the_members_that_the_reader_knows() throws Exception {
        int objects = 0;
        for (Map.Entry<String, Map<?, ?>> each : all()) {
            if (each.getValue().get("properties") instanceof Map<?, ?> properties) {
                objects++;
                ConfigProblem problem = read(at(each.getKey(), "{\"" + STRANGER + "\":1}")).stream()
                        .filter(p -> p.pointer().equals(each.getKey() + "/" + STRANGER))
                        .findFirst()
                        .orElseThrow();
                assertThat(problem.allowed()).startsWith("one of ");
                assertThat(problem.allowed().substring("one of ".length()).split(", "))
                        .as(each.getKey())
                        .containsExactlyInAnyOrderElementsOf(properties.keySet().stream()
                                .map(String::valueOf)
                                .toList());
                assertThat(each.getValue().get("additionalProperties")).isEqualTo(false);
            }
        }
        assertThat(objects).isGreaterThanOrEqualTo(6);
    }

    /** Of the member itself: what stands beside it may be missing. */
    private static long problemsAt(String pointer, BigDecimal value) {
        return read(at(pointer, value.toString())).stream()
                .filter(problem -> problem.pointer().equals(pointer))
                .count();
    }

    @Test
    void every_number_has_the_bounds_of_the_reader() throws Exception {
        int numbers = 0;
        for (Map.Entry<String, Map<?, ?>> each : all()) {
            if ("integer".equals(each.getValue().get("type"))) {
                numbers++;
                BigDecimal least = (BigDecimal) each.getValue().get("minimum");
                BigDecimal most = (BigDecimal) each.getValue().get("maximum");
                assertThat(problemsAt(each.getKey(), least)).isZero();
                assertThat(problemsAt(each.getKey(), most)).isZero();
                assertThat(problemsAt(each.getKey(), least.subtract(BigDecimal.ONE)))
                        .isEqualTo(1);
                assertThat(problemsAt(each.getKey(), most.add(BigDecimal.ONE))).isEqualTo(1);
            }
        }
        assertThat(numbers).isGreaterThanOrEqualTo(4);
    }

    @Test
    void every_member_of_another_type_is_refused() throws Exception {
        for (Map.Entry<String, Map<?, ?>> each : all()) {
            if (!each.getKey().isEmpty() && !each.getKey().equals("/$schema")) {
                assertThat(read(at(each.getKey(), "[[]]"))).as(each.getKey()).isNotEmpty();
            }
        }
    }

    @Test
    void the_defaults_are_the_readers() throws Exception {
        ChanceryConfig defaults = ChanceryConfigReader.defaults();
        for (Map.Entry<String, Map<?, ?>> each : all()) {
            Object value = each.getValue().get("default");
            if (value != null) {
                String json = value instanceof String ? "\"" + value + "\"" : value.toString();
                assertThat(ChanceryConfigReader.read("chancery.json", at(each.getKey(), json), Path.of(""))
                                .config())
                        .as(each.getKey())
                        .contains(defaults);
            }
        }
    }
}
