package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which modules {@code ./run check} tests and which it leaves out: its Maven is the test's and says what it was told; the
 * sources are two modules, of which one is compiled against the other, and a third, which only comes after both.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class CheckVerbIT {
    private static final Path HOME = Path.of(System.getProperty("chancery.home"));
    private static final List<String> MODULES = List.of("base", "upper", "apart");
    private static final String COMPILE = "spotless:check process-test-resources";
    private static final String NEVER = "nothing like that";
    private static final Pattern TOLD = Pattern.compile("-Dcheck.turn=([01]) .* test -pl (\\S+) -am;");

    @TempDir
    private Path folder;

    private Path sources;
    private boolean succeeded;

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
        write("base/src/test/java/ATest.java", "\n\n\n");
        write("apart/pom.xml", "<artifactId>apart</artifactId>\n<artifactId>upper</artifactId><type>pom</type>\n");
        write("upper/pom.xml", "<artifactId>upper</artifactId>\n<artifactId>base</artifactId>\n");
        Executable.write(
                folder.resolve("tools/mvn"),
                "#!/bin/sh\necho \"$*; not: $(ls */target/check.not.* 2>'/dev/null' | xargs)\" >>'" + folder
                        + "/called'\ncase \"$*\" in *\"$(cat '" + folder + "/fails')\"*) exit 1 ;; esac\n");
        maven(NEVER);
        Commands.runIn(folder, Map.of(), "git", "init", "-q", sources.toString())
                .succeeded();
    }

    private void write(String name, String text) throws IOException {
        Path file = sources.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    /** Maven fails when it is told this. */
    private void maven(String fails) throws IOException {
        Files.writeString(folder.resolve("fails"), fails);
    }

    /** Which modules it did not test; of those that it did, each in one process, and only after what others need. */
    private List<String> leftOut(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(sources.resolve("run").toString(), "check"));
        command.addAll(List.of(words));
        Map<String, String> environment = Map.of(
                "PATH", folder.resolve("tools") + ":" + System.getenv("PATH"),
                "HOME", folder.toString(),
                "CHANCERY_CACHE", folder.resolve("cache").toString());
        boolean unusedBefore = Files.deleteIfExists(folder.resolve("called"));
        Commands.Result result = Commands.runIn(folder, environment, command.toArray(String[]::new));
        succeeded = result.exitCode() == 0;
        List<String> calls = Files.readAllLines(folder.resolve("called"));
        assertThat(calls).as(result.output()).first().asString().contains(COMPILE + " -pl base;");
        List<String> left = new ArrayList<>(MODULES);
        for (String call : calls.subList(1, calls.size())) {
            Matcher told = TOLD.matcher(call);
            assertThat(told.find()).as(call).isTrue();
            for (String module : told.group(2).split(",", -1)) {
                assertThat(left.remove(module)).as(call).isTrue();
                assertThat(call).doesNotContain(module + "/target/check.not." + told.group(1));
            }
            for (String module : left) {
                assertThat(call).contains(module + "/target/check.not." + told.group(1));
            }
        }
        return left;
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
    void what_was_not_green_is_tested_again_and_what_was_beside_it_is_not() throws Exception {
        maven("check.turn=0");
        assertThat(leftOut()).isEmpty();
        assertThat(succeeded).isFalse();
        assertThat(leftOut()).as("all but the one with the most tests").containsExactly("upper", "apart");
        maven(NEVER);
        assertThat(leftOut()).containsExactly("upper", "apart");
        assertThat(succeeded).isTrue();
        assertThat(leftOut()).containsExactlyInAnyOrderElementsOf(MODULES);
    }

    @Test
    void where_something_does_not_compile_nothing_is_tested_and_nothing_is_green() throws Exception {
        maven(COMPILE);
        assertThat(leftOut()).containsExactlyInAnyOrderElementsOf(MODULES);
        assertThat(succeeded).isFalse();
        maven(NEVER);
        assertThat(leftOut()).isEmpty();
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
