package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The recorded tables that go-template and ca-core are tested with are what Go's engine and step's code say today. A line that is new needs only its
 * question, such as a {@code template}: this program's output, in place of the file, has the rest.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class GoTemplateIT {
    @TempDir
    Path folder;

    static List<Arguments> tables() throws IOException {
        Path home = Path.of(System.getProperty("chancery.home"));
        Path core = home.resolve("ca-core/src/test/resources/go");
        try (Stream<Path> files = Files.list(home.resolve("go-template/src/test/resources/go"))) {
            return Stream.concat(
                            files.sorted().map(table -> Arguments.of("gotemplate", table)),
                            Stream.of(
                                    Arguments.of("certificatetemplate", core.resolve("certificate-templates.jsonl")),
                                    Arguments.of("namepolicy", core.resolve("name-policies.jsonl")),
                                    Arguments.of("namepolicy", core.resolve("domain-names.jsonl"))))
                    .toList();
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("tables")
    void the_recorded_answers_are_those_of_the_real_engine(String program, Path table) throws Exception {
        Path answers = folder.resolve("answers");
        Process engine = new ProcessBuilder(engine(program))
                .redirectInput(table.toFile())
                .redirectOutput(answers.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD) // why step refuses a row
                .start();
        boolean ended = engine.waitFor(60, TimeUnit.SECONDS);
        engine.destroyForcibly();
        assertThat(ended && engine.exitValue() == 0).isTrue();
        assertThat(Files.readAllLines(answers, StandardCharsets.UTF_8))
                .isNotEmpty()
                .isEqualTo(Files.readAllLines(table, StandardCharsets.UTF_8));
    }

    private static List<String> engine(String name) {
        // Times without a zone are in UTC here, whatever the machine's is.
        return List.of("/usr/bin/env", "TZ=UTC", GoProgram.built(name));
    }
}
