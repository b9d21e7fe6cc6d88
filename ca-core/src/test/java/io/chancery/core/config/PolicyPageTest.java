package io.chancery.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.name.SubjectAltName;
import io.chancery.core.policy.NamePolicy;
import io.chancery.core.policy.Refusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** The examples of docs/policy.md, as they stand there. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PolicyPageTest {
    private static final Pattern EXAMPLE =
            Pattern.compile("```json\\n(.*?)```\\n\\n((?:\\|[^\\n]*\\n)+)", Pattern.DOTALL);
    private static final Pattern ROW = Pattern.compile("\\| `([^`]+)` \\| ([a-z ]+) \\|.*");

    @Test
    void every_name_fares_as_the_page_says() throws IOException {
        Matcher example = EXAMPLE.matcher(Files.readString(Path.of("../docs/policy.md"), StandardCharsets.UTF_8));
        List<String> differences = new ArrayList<>();
        int rows = 0;
        int examples = 0;
        for (; example.find(); examples++) {
            NamePolicy policy = policy(example.group(1));
            for (String line : example.group(2).lines().skip(2).toList()) {
                Matcher row = ROW.matcher(line);
                assertThat(row.matches()).as(line).isTrue();
                rows++;
                if (!outcome(policy, row.group(1)).equals(row.group(2))) {
                    differences.add(line + " and it: " + outcome(policy, row.group(1)));
                }
            }
        }
        assertThat(differences).isEmpty();
        assertThat(examples).isEqualTo(2);
        assertThat(rows).isGreaterThan(30);
    }

    private static NamePolicy policy(String json) {
        if (json.contains("\"authority\"")) {
            String whole =
                    json.strip().replaceFirst("\\{", "{\"root\":\"r\",\"crt\":\"c\",\"key\":\"k\",\"address\":\":1\",");
            ConfigResult<CaConfig> read = CaConfigReader.read("ca.json", whole, Path.of("/"), Path.of("/"));
            assertThat(read.problems()).isEmpty();
            return read.config().orElseThrow().authority().policy().orElseThrow();
        }
        ConfigResult<ChanceryConfig> read = ChanceryConfigReader.read("chancery.json", json, Path.of("/"));
        assertThat(read.problems()).isEmpty();
        return read.config().orElseThrow().provisioners().get("web").policy().orElseThrow();
    }

    private static String outcome(NamePolicy policy, String name) {
        Optional<Refusal> refusal = name.startsWith("CN=")
                ? policy.judge(List.of(name.substring(3)), List.of())
                : policy.judge(List.of(), List.of(SubjectAltName.guess(name)));
        return refusal.map(r -> r.judged() ? "not allowed" : "cannot be judged").orElse("passes");
    }
}
