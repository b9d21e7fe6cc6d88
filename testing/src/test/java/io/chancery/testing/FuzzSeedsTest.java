package io.chancery.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class FuzzSeedsTest {
    @TempDir
    private Path sample;

    @Test
    void each_fuzz_test_of_each_module_has_its_seeds_and_no_seeds_are_of_another_name() throws IOException {
        List<Path> modules;
        try (Stream<Path> all = Files.list(Path.of(".."))) {
            modules = all.filter(each -> Files.exists(each.resolve("pom.xml"))).toList();
        }
        assertThat(modules).as("those of this project").hasSizeGreaterThan(5);
        List<String> problems = new ArrayList<>();
        for (Path module : modules) {
            problems.addAll(FuzzSeeds.problems(module));
        }
        assertThat(problems).isEmpty();
    }

    private void fuzzTest(String method) throws IOException {
        Path folder = Files.createDirectories(sample.resolve("src/test/java/parser"));
        Path unused = Files.writeString(
                folder.resolve("TextFuzzTest.java"),
                "@FuzzTest(maxDuration = \"10m\")\n    void " + method + "(byte[] data) {}");
    }

    private void seeds(String method, int count) throws IOException {
        Path folder = Files.createDirectories(sample.resolve("src/test/resources/parser/TextFuzzTestInputs/" + method));
        for (int i = 0; i < count; i++) {
            Path unused = Files.createFile(folder.resolve("seed-" + i));
        }
    }

    @Test
    void a_fuzz_test_with_thirty_seeds_is_well() throws IOException {
        fuzzTest("any_text_is_read");
        seeds("any_text_is_read", 30);
        assertThat(FuzzSeeds.problems(sample)).isEmpty();
    }

    @Test
    void one_with_fewer_is_found() throws IOException {
        fuzzTest("any_text_is_read");
        seeds("any_text_is_read", 29);
        assertThat(FuzzSeeds.problems(sample))
                .singleElement()
                .asString()
                .endsWith("any_text_is_read has 29 seeds of 30");
    }

    @Test
    void one_that_got_another_name_is_found_and_so_are_the_seeds_it_left() throws IOException {
        fuzzTest("any_text_is_read_or_refused");
        seeds("any_text_is_read", 30);
        assertThat(FuzzSeeds.problems(sample))
                .hasSize(2)
                .anyMatch(each -> each.endsWith("any_text_is_read_or_refused has 0 seeds of 30"))
                .anyMatch(each -> each.endsWith("any_text_is_read has no fuzz test"));
    }
}
