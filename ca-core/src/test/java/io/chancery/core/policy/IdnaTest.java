package io.chancery.core.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.GoFixtures;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class IdnaTest {
    @Test
    void domain_names_are_read_as_Go_reads_them() {
        List<Map<String, Object>> rows = GoFixtures.rows("domain-names.jsonl");
        assertThat(rows).hasSizeGreaterThan(1_900);
        List<String> differences = new ArrayList<>();
        for (Map<String, Object> row : rows) {
            String domain = (String) row.get("domain");
            if (!answer(domain).equals(row.get("answer"))) {
                differences.add(domain + ": " + answer(domain) + ", and Go: " + row.get("answer"));
            }
        }
        assertThat(differences).isEmpty();
    }

    private static String answer(String domain) {
        try {
            return "ascii " + Idna.ascii(domain);
        } catch (IllegalArgumentException e) {
            return "error";
        }
    }

    /** The Go that step-ca is built with takes these for what stands between {@code xn--} and the hyphen. */
    @ParameterizedTest
    @ValueSource(strings = {"xn--a-.example", "xn--corp-.example", "xn--.example", "a.xn--"})
    void ASCII_in_disguise_is_no_domain_name(String name) {
        assertThatThrownBy(() -> Idna.ascii(name)).isInstanceOf(IllegalArgumentException.class);
    }
}
