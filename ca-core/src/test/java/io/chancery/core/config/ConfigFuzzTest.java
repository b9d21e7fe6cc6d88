package io.chancery.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.chancery.core.TestKeys;
import io.chancery.core.provisioner.Provisioners;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;

/** The same text is read as ca.json and as chancery.json. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ConfigFuzzTest {
    private static final Path FOLDER = Path.of("/etc/ca");

    @FuzzTest(maxDuration = "10m")
    void any_text_is_a_configuration_or_a_list_of_problems_with_places(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        ConfigResult<CaConfig> ca = CaConfigReader.read("ca.json", text, FOLDER, FOLDER);
        consistent(ca);
        ca.draft().ifPresent(draft -> told(stopping(draft)));
        ca.config().ifPresent(config -> {
            List<ConfigProblem> stopping = stopping(config);
            try {
                Provisioners all = Provisioners.of(
                        config.authority().provisioners(), config.authority().claims(), TestKeys.KEYS);
                assertThat(all.page("", 100).provisioners().size()).isLessThanOrEqualTo(100);
                assertThat(stopping).isEmpty();
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageStartingWith("/authority/provisioners/");
                assertThat(stopping).isNotEmpty();
            }
        });
        consistent(ChanceryConfigReader.read("chancery.json", text, FOLDER));
    }

    private static List<ConfigProblem> stopping(CaConfig config) {
        return ProvisionerProblemsTest.of(config, TestKeys.KEYS);
    }

    private static void consistent(ConfigResult<?> result) {
        boolean failed = result.problems().stream().anyMatch(p -> p.severity() == ConfigProblem.Severity.ERROR);
        assertThat(result.config().isEmpty()).isEqualTo(failed);
        told(result.problems());
    }

    private static void told(List<ConfigProblem> problems) {
        assertThat(problems).allSatisfy(problem -> {
            assertThat(problem.pointer()).matches("(?s)(/.*)?");
            assertThat(problem.found()).isNotEmpty();
            assertThat(problem.allowed()).isNotEmpty();
        });
    }
}
