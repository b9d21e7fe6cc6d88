package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.conformance.ClusterLoad.Failures;
import io.chancery.conformance.StoreTruth.Findings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What {@code ./run faults} makes of a run, good or bad: its Maven is the test's, and prints the lines that the fault tests
 * print; nothing is built or installed.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class FaultVerdictIT {
    private static final Path HOME = Path.of(System.getProperty("chancery.home"));
    /** Run by {@code ./run bench cluster}. */
    private static final Set<String> FIGURES = Set.of("ClusterFiguresIT");

    private static final String FAILED = "; FAILED, see above";
    private static final Findings NONE = new Findings(Set.of(), Set.of(), List.of());

    @TempDir
    private Path folder;

    private Path run;

    @BeforeEach
    void aMachineThatHasEverything() throws IOException {
        run = executable("sources/run", Files.readString(HOME.resolve("run")));
        executable(
                "tools/mvn",
                "#!/bin/sh\necho \"$@\" >'" + folder + "/asked'\ncat '" + folder + "/log'\nexit $(cat '" + folder
                        + "/code')\n");
        executable("tools/id", "#!/bin/sh\necho 0\n");
        executable("tools/sha256sum", "#!/bin/sh\necho 0000000000000000\n");
        for (String spared : List.of("apt-get", "install", "rm", "go")) {
            executable("tools/" + spared, "#!/bin/sh\nexit 0\n");
        }
        executable("jdk/bin/javac", "#!/bin/sh\n");
        Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"17.0.1\"\n");
        String text = Files.readString(run);
        executable("cache/step-" + version("STEP_VERSION", text) + "/step", "#!/bin/sh\n");
        executable("cache/step-ca-" + version("STEP_CA_VERSION", text) + "/step-ca", "#!/bin/sh\n");
        Files.createDirectories(folder.resolve("cache/go-programs-0000000000000000"));
    }

    private Path executable(String name, String text) throws IOException {
        return Executable.write(folder.resolve(name), text);
    }

    private static String version(String name, String run) {
        return match("^" + name + "=(\\S+)$", run).findFirst().orElseThrow().group(1);
    }

    private static Stream<MatchResult> match(String pattern, String text) {
        return Pattern.compile(pattern, Pattern.MULTILINE).matcher(text).results();
    }

    private static String round(Findings findings, int byReplication) {
        return ClusterJudge.line("a node killed", new Failures(1_000, 20, 3), 970, findings, byReplication);
    }

    private Commands.Result faults(int exitCode, String... lines) throws Exception {
        return faultsOf(List.of(), exitCode, lines);
    }

    private Commands.Result faultsOf(List<String> words, int exitCode, String... lines) throws Exception {
        Stream<String> tests = words.size() > 1 ? Stream.of(words.get(1).split(",", -1)) : named().stream();
        List<String> log = new ArrayList<>(tests.map(test -> "[INFO] Running io.chancery.conformance." + test)
                .toList());
        log.addAll(List.of(lines));
        return faultsOf(words, exitCode, log);
    }

    private Commands.Result faultsOf(List<String> words, int exitCode, List<String> log) throws Exception {
        Files.writeString(folder.resolve("log"), String.join("\n", log) + "\n");
        Files.writeString(folder.resolve("code"), String.valueOf(exitCode));
        Map<String, String> environment = Map.of(
                "PATH", folder.resolve("tools") + ":" + System.getenv("PATH"),
                "HOME", folder.toString(),
                "JAVA_HOME", folder.resolve("jdk").toString(),
                "CHANCERY_CACHE", folder.resolve("cache").toString());
        List<String> command = new ArrayList<>(List.of(run.toString(), "faults"));
        command.addAll(words);
        return Commands.runIn(folder, environment, command.toArray(String[]::new));
    }

    /** All that it runs where none is named. */
    private Set<String> named() throws IOException {
        return match("^FAULT_TESTS=(\\$FAULT_TESTS,)?(\\S+)$", Files.readString(run))
                .flatMap(line -> Stream.of(line.group(2).split(",", -1)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String verdict(Commands.Result result) {
        List<String> lines = result.output().lines().toList();
        return lines.get(lines.size() - 1);
    }

    @Test
    void where_nothing_is_wrong_it_sums_up_every_round_and_ends_well() throws Exception {
        Commands.Result good = faults(
                0,
                "[INFO] Running io.chancery.conformance.ClusterFaultIT",
                round(NONE, 0),
                round(NONE, 0),
                round(NONE, 7),
                "[INFO] BUILD SUCCESS");
        assertThat(verdict(good))
                .isEqualTo(
                        "faults: 3000 tokens sent to clusters, 2910 certificates held, 0 lost, 0 doubled, 0 otherwise"
                                + " wrong (a serial with two contents counts here), 7 lost by replication as told, 0 cases not run");
        assertThat(good.exitCode()).isZero();
    }

    @Test
    void what_a_round_lost_doubled_or_found_wrong_is_in_the_last_line_and_fails_it() throws Exception {
        Map<String, Findings> findings = Map.of(
                " 1 lost, 0 doubled, 0 otherwise", new Findings(Set.of("1"), Set.of(), List.of()),
                " 0 lost, 2 doubled, 0 otherwise", new Findings(Set.of(), Set.of("1", "2"), List.of()),
                " 0 lost, 0 doubled, 3 otherwise", new Findings(Set.of(), Set.of(), List.of("1", "2", "3")));
        for (Map.Entry<String, Findings> each : findings.entrySet()) {
            for (String line : List.of(round(each.getValue(), 0), StoreTruth.line(each.getValue()))) {
                Commands.Result bad = faults(0, round(NONE, 0), line, round(NONE, 0));
                assertThat(verdict(bad)).as(line).contains(each.getKey()).endsWith(FAILED);
                assertThat(bad.exitCode()).as(line).isEqualTo(1);
            }
        }
    }

    @Test
    void a_case_that_was_not_run_is_named_again_counted_and_fails_it() throws Exception {
        String missing = "NOT RUN: partitions of the network: no network namespaces here";
        Commands.Result bad = faults(0, round(NONE, 0), missing);
        assertThat(bad.output().lines().filter(missing::equals)).hasSize(2);
        assertThat(verdict(bad)).endsWith("1 cases not run" + FAILED);
        assertThat(bad.exitCode()).isEqualTo(1);
    }

    @Test
    void a_test_that_maven_did_not_find_or_that_left_something_out_counts_as_not_run() throws Exception {
        String all =
                "[INFO] Tests run: 4, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 1.5 s -- in io.chancery.conformance.ClockIT";
        List<String> good = List.of("[INFO] Running io.chancery.conformance.ClockIT", all, round(NONE, 0));
        assertThat(faultsOf(List.of("7", "ClockIT"), 0, good).exitCode()).isZero();
        Commands.Result missing = faultsOf(List.of("7", "ClockIT,CheckerIT"), 0, good);
        assertThat(missing.output()).contains("NOT RUN: CheckerIT: none of its tests was started");
        assertThat(verdict(missing)).endsWith("1 cases not run" + FAILED);
        Commands.Result skipped = faultsOf(
                List.of("7", "ClockIT"),
                0,
                List.of(
                        good.get(0),
                        all.replace("[INFO]", "[WARNING]").replace("Skipped: 0", "Skipped: 2"),
                        good.get(2)));
        assertThat(skipped.output()).contains("NOT RUN: 2 of io.chancery.conformance.ClockIT: skipped");
        assertThat(verdict(skipped)).endsWith("1 cases not run" + FAILED);
        assertThat(skipped.exitCode()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"[ERROR]   ClusterFaultIT.a_node_killed:12 expected: 201", "[WARNING] There are test failures."})
    void a_test_that_failed_fails_it_though_maven_goes_on_to_the_end(String line) throws Exception {
        Commands.Result bad = faults(0, round(NONE, 0), line);
        assertThat(verdict(bad)).endsWith("0 cases not run" + FAILED);
        assertThat(bad.exitCode()).isEqualTo(1);
    }

    @Test
    void a_build_that_failed_fails_it() throws Exception {
        Commands.Result bad = faults(1, round(NONE, 0));
        assertThat(verdict(bad)).endsWith(FAILED);
        assertThat(bad.exitCode()).isEqualTo(1);
    }

    @Test
    void what_this_kernel_does_not_have_is_told_and_fails_nothing() throws Exception {
        String told = "not on this kernel: WireGuard: Error: Unknown device type.";
        Commands.Result good = faults(0, told, round(NONE, 0));
        assertThat(good.output().lines().filter(told::equals)).hasSize(2);
        assertThat(good.exitCode()).isZero();
    }

    @Test
    void it_runs_the_tests_that_are_named_with_so_many_rounds_and_no_others() throws Exception {
        assertThat(faultsOf(List.of("7", "ClockIT,CheckerIT"), 0, round(NONE, 0))
                        .exitCode())
                .isZero();
        assertThat(Files.readString(folder.resolve("asked")))
                .contains(
                        " -Dit.test=ClockIT,CheckerIT ",
                        " -Dkill.rounds=7 ",
                        " -Dcluster.rounds=7 ",
                        " -Dcluster.kills=14 ",
                        " -Dcluster.recovery=15 -Dcluster.whole=60 ");
        Commands.Result unknown = faultsOf(List.of("7", "ClockIT,Clock"), 0);
        assertThat(unknown.output()).contains("not a fault test: Clock. These are: KillNineIT ");
        assertThat(unknown.exitCode()).isEqualTo(2);
    }

    /** Sources of all modules' tests that run processes. */
    private static List<Path> tests() throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> modules = Files.list(HOME)) {
            for (Path module : modules.toList()) {
                Path sources = module.resolve("src/test/java");
                if (Files.isDirectory(sources)) {
                    try (Stream<Path> files = Files.walk(sources)) {
                        files.filter(file -> file.toString().endsWith("IT.java"))
                                .forEach(found::add);
                    }
                }
            }
        }
        return found;
    }

    @Test
    void every_test_that_it_names_is_there_and_every_long_one_is_named() throws Exception {
        Set<String> named = named();
        Set<String> there = new TreeSet<>();
        Set<String> takeLong = new TreeSet<>();
        for (Path file : tests()) {
            String name = file.getFileName().toString().replace(".java", "");
            there.add(name);
            if (match("^ *@Tag\\(\"long\"\\)", Files.readString(file)).findAny().isPresent()) {
                takeLong.add(name);
            }
        }
        assertThat(there).containsAll(named);
        takeLong.removeAll(FIGURES);
        assertThat(named).containsAll(takeLong);
    }
}
