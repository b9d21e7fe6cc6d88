package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which modules' unit tests {@code ./run check} leaves out: its Maven is the test's and says for which it was told so; the
 * sources are two modules, of which one needs the other, and a third.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class CheckVerbIT {
    private static final Path HOME = Path.of(System.getProperty("chancery.home"));
    private static final List<String> MODULES = List.of("base", "upper", "apart");

    @TempDir
    private Path folder;

    private Path sources;

    @BeforeEach
    void sourcesOfThreeModules() throws Exception {
        sources = Files.createDirectory(folder.resolve("sources"));
        Executable.write(sources.resolve("run"), Files.readString(HOME.resolve("run")));
        write(
                "pom.xml",
                "<modules>\n  <module>base</module>\n  <module>upper</module>\n  <module>apart</module>\n</modules>\n");
        write("README.md", "three modules\n");
        write(".gitignore", "target/\n");
        for (String module : MODULES) {
            write(module + "/pom.xml", "<artifactId>" + module + "</artifactId>\n");
            write(module + "/src/A.java", "class A {}\n");
        }
        write("upper/pom.xml", "<artifactId>upper</artifactId>\n<artifactId>base</artifactId>\n");
        Executable.write(
                folder.resolve("tools/mvn"),
                "#!/bin/sh\nls */target/unchanged 2>'/dev/null' >'" + folder + "/left-out'\nexit $(cat '" + folder
                        + "/code')\n");
        Files.writeString(folder.resolve("code"), "0\n");
        Commands.runIn(folder, Map.of(), "git", "init", "-q", sources.toString())
                .succeeded();
    }

    private void write(String name, String text) throws IOException {
        Path file = sources.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private List<String> leftOut(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(sources.resolve("run").toString(), "check"));
        command.addAll(List.of(words));
        Map<String, String> environment =
                Map.of("PATH", folder.resolve("tools") + ":" + System.getenv("PATH"), "HOME", folder.toString());
        boolean unusedBefore = Files.deleteIfExists(folder.resolve("left-out"));
        Commands.Result result = Commands.runIn(folder, environment, command.toArray(String[]::new));
        assertThat(folder.resolve("left-out")).as(result.output()).exists();
        return Files.readAllLines(folder.resolve("left-out")).stream()
                .map(line -> line.substring(0, line.indexOf('/')))
                .toList();
    }

    @Test
    void a_module_that_is_as_it_was_when_its_tests_were_green_is_left_out_and_what_needs_a_changed_one_is_not()
            throws Exception {
        assertThat(leftOut()).as("never green").isEmpty();
        assertThat(leftOut()).containsExactlyInAnyOrderElementsOf(MODULES);
        write("base/src/A.java", "class A { }\n");
        assertThat(leftOut()).containsExactly("apart");
        write("upper/src/B.java", "class B {}\n");
        assertThat(leftOut()).as("a new file").containsExactlyInAnyOrder("base", "apart");
        write("README.md", "three modules, still\n");
        assertThat(leftOut()).as("what belongs to none").isEmpty();
        Files.delete(sources.resolve("upper/src/B.java"));
        assertThat(leftOut()).as("a file that is gone").containsExactlyInAnyOrder("base", "apart");
    }

    @Test
    void what_was_not_green_is_tested_again() throws Exception {
        Files.writeString(folder.resolve("code"), "1\n");
        assertThat(leftOut()).isEmpty();
        Files.writeString(folder.resolve("code"), "0\n");
        assertThat(leftOut()).isEmpty();
        assertThat(leftOut()).containsExactlyInAnyOrderElementsOf(MODULES);
    }

    @Test
    void where_git_knows_no_files_all_are_tested() throws Exception {
        Commands.runIn(folder, Map.of(), "rm", "-r", sources.resolve(".git").toString())
                .succeeded();
        assertThat(leftOut()).isEmpty();
        assertThat(leftOut()).isEmpty();
    }

    @Test
    void all_are_tested_when_all_are_asked_for() throws Exception {
        assertThat(leftOut()).isEmpty();
        assertThat(leftOut("--all")).isEmpty();
    }
}
