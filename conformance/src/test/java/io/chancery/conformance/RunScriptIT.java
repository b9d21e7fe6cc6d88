package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code ./run} but for what Maven does: what it offers, what it refuses, what it says is missing or has installed, and how
 * it has Maven build. The script is a copy, and all the tools that it finds are the test's, so nothing of this machine is
 * installed or changed.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class RunScriptIT {
    private static final Path HOME = Path.of(System.getProperty("chancery.home"));
    private static final List<String> SCRIPTS = List.of(
            "run",
            ".ci/run",
            "bin/chancery",
            "softhsm/init-token.sh",
            "cluster-config/deploy/try-cluster",
            "dist/make-tarball",
            "loadtest/issue",
            "loadtest/make-pki");

    private static final String BUILD = "mvn -B -ntp -q package -Dmaven.test.skip=true -Dcyclonedx.skip=true"
            + " -Dlicense.skip=true -pl ca-cli -am";

    @TempDir
    private Path folder;

    private Path run;
    private Path called;
    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void aMachineThatLacksSoftHsmAlone() throws IOException {
        called = Files.createFile(folder.resolve("called"));
        run = executable("sources/run", Files.readString(HOME.resolve("run")));
        for (String tool : List.of("bash", "cat", "dirname", "env", "grep", "ls", "readlink", "sed")) {
            machinesOwn(tool);
        }
        for (String tool : List.of("mvn", "pkcs11-tool", "apt-get", "find", "rm", "touch")) {
            tool(tool, "exit 0");
        }
        userId(1000);
        executable("jdk/bin/javac", "#!/bin/sh\n");
        Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"17.0.1\"\n");
        environment.put("PATH", folder.resolve("tools").toString());
        environment.put("HOME", folder.toString());
        environment.put("JAVA_HOME", folder.resolve("jdk").toString());
    }

    private void machinesOwn(String tool) throws IOException {
        Path found = Path.of("/usr/bin", tool);
        Path own = Files.exists(found) ? found : Path.of("/bin", tool);
        Path unused = executable("tools/" + tool, "#!/bin/sh\nexec " + own + " \"$@\"\n");
    }

    private Path executable(String name, String text) throws IOException {
        return Executable.write(folder.resolve(name), text);
    }

    /** A tool that notes how it was called, and then does something. */
    private void tool(String name, String action) throws IOException {
        Path unused =
                executable("tools/" + name, "#!/bin/sh\necho \"" + name + " $*\" >>'" + called + "'\n" + action + "\n");
    }

    private void userId(int id) throws IOException {
        Path unused = executable("tools/id", "#!/bin/sh\necho " + id + "\n");
    }

    private Commands.Result run(String words) throws Exception {
        List<String> command = new ArrayList<>(List.of(run.toString()));
        command.addAll(Pattern.compile(" ")
                .splitAsStream(words)
                .filter(word -> !word.isEmpty())
                .toList());
        return Commands.runIn(folder, environment, command.toArray(String[]::new));
    }

    private String calls() throws IOException {
        return Files.readString(called);
    }

    private static Set<String> words(String pattern, String text) {
        Set<String> words = new TreeSet<>();
        Pattern.compile(pattern, Pattern.MULTILINE)
                .matcher(text)
                .results()
                .map((MatchResult found) -> found.group(1))
                .forEach(words::add);
        return words;
    }

    @ParameterizedTest
    @ValueSource(strings = {"help", "-h", "--help", ""})
    void help_lists_each_verb_that_there_is_and_no_other(String asked) throws Exception {
        String script = Files.readString(run);
        Set<String> verbs = words("^  ([a-z]+)(?: \\|[^)]*)?\\)", script.substring(script.indexOf("case $verb in")));
        assertThat(verbs).contains("help", "ca", "test", "faults", "dist");
        String help = run(asked).succeeded().output();
        assertThat(words("^\\./run ([a-z]+) ", help)).isEqualTo(verbs);
        assertThat(calls()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "tests, unknown verb: tests",
        "Test, unknown verb: Test",
        "--jdk, unknown verb: --jdk",
        "test everything, unknown: ./run test everything",
        "test --jdk oldest, unknown: ./run test --jdk oldest",
        "faults 0, 'a number is needed, from 1 to 9999, not: 0'",
        "faults many, 'a number is needed, from 1 to 9999, not: many'",
        "fuzz 1.5, 'a number is needed, from 1 to 9999, not: 1.5'",
        "fuzz 10000, 'a number is needed, from 1 to 9999, not: 10000'",
        "bench -1, 'a number is needed, from 1 to 9999, not: -1'",
        "bench cluster ten, 'a number is needed, from 1 to 9999, not: ten'",
    })
    void what_it_does_not_know_it_refuses_with_the_usage_before_anything_is_done(String words, String reason)
            throws Exception {
        Commands.Result refused = run(words);
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.output())
                .startsWith(reason + "\n")
                .endsWith("\n" + run("help").output());
        assertThat(calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ca", "cluster", "test", "test --jdk newest", "faults", "bench", "bench cluster", "check"})
    void who_is_not_root_is_told_what_to_type_where_something_is_missing(String words) throws Exception {
        Commands.Result told = run(words);
        assertThat(told.exitCode()).isEqualTo(2);
        assertThat(told.output())
                .containsPattern("(?m)^missing: .*\\bsofthsm2\\b")
                .containsPattern("(?m)^install them as root with:  apt-get update && apt-get install "
                        + "--no-install-recommends .*\\bsofthsm2\\b")
                .endsWith("\nthen run this again\n");
        assertThat(calls()).isEmpty();
    }

    @Test
    void what_is_there_is_not_asked_for() throws Exception {
        assertThat(run("ca").output())
                .isEqualTo("missing: softhsm2\ninstall them as root with:  apt-get update && apt-get install "
                        + "--no-install-recommends softhsm2\nthen run this again\n");
    }

    @Test
    void a_sudo_that_would_ask_for_a_password_is_not_waited_for_without_a_terminal() throws Exception {
        tool("sudo", "exit 1");
        Commands.Result told = run("ca");
        assertThat(told.exitCode()).isEqualTo(2);
        assertThat(told.output()).startsWith("missing: softhsm2\n");
        assertThat(calls()).isEqualTo("sudo -n true\n");
    }

    @Test
    void a_system_without_apt_is_told_the_names_that_debian_has() throws Exception {
        Files.delete(folder.resolve("tools/apt-get"));
        Commands.Result told = run("ca");
        assertThat(told.exitCode()).isEqualTo(2);
        assertThat(told.output())
                .isEqualTo("missing: what Debian calls softhsm2; install what your system calls them, "
                        + "then run this again\n");
    }

    @Test
    void root_has_it_installed_and_is_told_when_that_fails() throws Exception {
        userId(0);
        tool("install", "exit 0");
        tool("rm", "exit 0");
        tool("apt-get", "[ \"$1\" = update ] || exit 100");
        Commands.Result told = run("ca");
        assertThat(told.exitCode()).isEqualTo(2);
        assertThat(told.output())
                .startsWith("installing softhsm2\n")
                .endsWith("apt could not install them; its words above say why. They are needed: softhsm2\n");
        assertThat(calls())
                .contains("apt-get update -qq\napt-get install --no-install-recommends softhsm2 -y -qq\n")
                .doesNotContain("mvn");
    }

    @Test
    void what_root_has_had_installed_serves_the_build_and_the_start_that_were_asked_for() throws Exception {
        userId(0);
        tool("install", "exit 0");
        Path installed = folder.resolve("tools/softhsm2-util");
        tool(
                "apt-get",
                "[ \"$1\" = update ] || /bin/cp '" + executable("softhsm2-util", "#!/bin/sh\n") + "' '" + installed
                        + "'");
        machinesOwn("mkdir");
        Path unused = executable("sources/softhsm/init-token.sh", "#!/bin/sh\necho export TOKEN=made\n");
        unused = executable("sources/bin/chancery", "#!/bin/sh\necho \"$* with a token that is $TOKEN\"\n");
        assertThat(run("ca").succeeded().output())
                .isEqualTo("installing softhsm2\nquickstart " + folder.resolve("sources/.chancery")
                        + " with a token that is made\n");
        assertThat(calls()).containsSubsequence("apt-get install ", "\n" + BUILD);
        Files.writeString(called, "");
        assertThat(run("ca").succeeded().output()).startsWith("quickstart ");
        assertThat(calls()).doesNotContain("apt-get");
    }

    @ParameterizedTest
    @CsvSource({
        "build, " + BUILD,
        "fmt, mvn -B -ntp -q spotless:apply",
        "dist, mvn -B -ntp -q package -Dmaven.test.skip=true -pl ca-cli -am",
    })
    void verbs_that_build_have_maven_do_it_and_fail_when_it_fails(String verb, String line) throws Exception {
        Path unused = executable("sources/dist/make-tarball", "#!/bin/sh\necho packed >>'" + called + "'\n");
        assertThat(run(verb).exitCode()).isZero();
        assertThat(calls().lines()).contains(line);
        assertThat(calls().endsWith("packed\n")).isEqualTo(verb.equals("dist"));

        tool("mvn", "exit 1");
        assertThat(run(verb).exitCode()).isEqualTo(1);
        assertThat(calls()).endsWith(line + "\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a pki", "sources/.chancery"})
    void a_pki_whose_token_is_gone_is_not_given_a_new_one(String name) throws Exception {
        tool("softhsm2-util", "exit 0");
        Path pki = Files.createDirectories(folder.resolve(name));
        Files.writeString(pki.resolve("ca.json"), "{}");
        Files.createDirectories(pki.resolve("softhsm/tokens/an empty one"));
        List<String> command = new ArrayList<>(List.of(run.toString(), "ca"));
        if (!name.startsWith("sources/")) {
            command.add(name); // from where it was called
        }
        Commands.Result told = Commands.runIn(folder, environment, command.toArray(String[]::new));
        assertThat(told.exitCode()).isEqualTo(1);
        assertThat(told.output())
                .isEqualTo(pki + " holds a PKI, but not its SoftHSM token (" + pki
                        + "/softhsm): the issuing key is gone.\nPut the token back, or remove " + pki
                        + " and start a new PKI with ./run ca.\n");
        assertThat(calls()).doesNotContain("softhsm2-util").doesNotContain("pkcs11-tool");
    }

    /** A Go too old for step fetches a newer one, which builds a step that says who it is; answers what runs keep. */
    private Path cacheOfAnOldGo() throws IOException {
        for (String tool : List.of("basename", "chmod", "cp", "find", "mkdir", "mv", "rm", "rmdir")) {
            machinesOwn(tool);
        }
        tool("dpkg", "echo amd64");
        Path unused = executable("module/bin/go", """
                #!/bin/sh
                mkdir -p "$GOBIN"
                printf '#!/bin/sh\necho I am step\n' >"$GOBIN/step"
                chmod +x "$GOBIN/step"
                """);
        Files.createDirectories(folder.resolve("module/pkg/tool"));
        tool(
                "go",
                "case $1 in version) echo go version go1.20 linux/amd64 ;; mod) echo '{ \"Dir\": \""
                        + folder.resolve("module") + "\" }' ;; esac");
        return folder.resolve(".cache/chancery");
    }

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .toList();
        }
    }

    private void stepIsBuilt(Path cache) throws Exception {
        assertThat(run("step").succeeded().output()).endsWith("\nI am step\n");
        assertThat(files(cache))
                .hasSize(2)
                .anyMatch(file -> file.matches("go-v[^/]*-go[0-9.]+/bin/go"))
                .anyMatch(file -> file.matches("step-v[0-9.]+/step"));
    }

    @Test
    void a_newer_go_and_the_step_that_it_builds_are_kept() throws Exception {
        Path cache = cacheOfAnOldGo();
        stepIsBuilt(cache);
        assertThat(run("step").output()).isEqualTo("I am step\n");
    }

    @Test
    void a_newer_go_that_another_run_has_kept_meanwhile_is_used() throws Exception {
        Path cache = cacheOfAnOldGo();
        Path cp = folder.resolve("tools/cp");
        Path unused = Files.move(cp, folder.resolve("tools/copy"));
        tool("cp", "copy \"$@\"; copy \"$1\" \"$2\" \"${3%.*}\"");
        stepIsBuilt(cache);
    }

    @Test
    void a_newer_go_that_was_copied_by_half_is_not_kept() throws Exception {
        Path cache = cacheOfAnOldGo();
        tool("cp", "mkdir -p \"$3/bin\"; echo >\"$3/bin/go\"; exit 1");
        assertThat(run("step").exitCode()).isEqualTo(1);
        assertThat(files(cache)).noneMatch(file -> file.matches("(go-v[^/]*-go1\\.\\d+\\.\\d+|step-v[0-9.]+)/.*"));
        machinesOwn("cp");
        assertThat(run("step").succeeded().output()).endsWith("\nI am step\n");
    }

    /** All that {@code ./run test} asks for is there, and the JDKs of the machine are the test's. */
    private void readyForTests() throws IOException {
        userId(0);
        for (String tool : List.of("install", "rm")) {
            tool(tool, "exit 0");
        }
        machinesOwn("cut");
        tool("sha256sum", "echo 0000000000000000");
        String script = Files.readString(run);
        Path cache = folder.resolve("cache");
        for (String peer : List.of("step", "step-ca")) {
            String named = peer.replace('-', '_').toUpperCase(Locale.ROOT) + "_VERSION";
            String version = words("^" + named + "=(\\S+)$", script).iterator().next();
            Path unused = executable("cache/" + peer + "-" + version + "/" + peer, "#!/bin/sh\n");
        }
        Files.createDirectories(cache.resolve("go-programs-0000000000000000"));
        environment.put("CHANCERY_CACHE", cache.toString());
        run = executable("sources/run", script.replace("/usr/lib/jvm/*", folder.resolve("jvm") + "/*"));
        tool("mvn", "echo \"build: $JAVA_HOME, processes: $CHANCERY_JAVA_HOME\" >>'" + called + "'");
    }

    private void jdk(String name, String version) throws IOException {
        Path unused = executable(name + "/bin/java", "#!/bin/sh\n");
        Files.writeString(folder.resolve(name + "/release"), "JAVA_VERSION=\"" + version + "\"\n");
    }

    private void testedOn(String jdk) throws Exception {
        String newest = folder.resolve(jdk).toString();
        assertThat(run("test --jdk newest").succeeded().output())
                .endsWith("all unit tests, and those of the launcher and the step client, on " + newest + "\n");
        assertThat(calls())
                .endsWith("\nmvn -B -ntp verify -Dtest.jvm=" + newest + "/bin/java -Dit.test=LauncherIT,StepClientIT"
                        + " -Dclass.sharing=-Xshare:auto -Dfailsafe.failIfNoSpecifiedTests=false\nbuild: "
                        + folder.resolve("jdk") + ", processes: " + newest + "\n");
    }

    @Test
    void tests_on_the_newest_jdk_of_the_machine_are_built_on_17_as_ever() throws Exception {
        readyForTests();
        jdk("jvm/a", "21.0.2");
        jdk("jvm/b", "25");
        jdk("jvm/c", "24.0.1");
        Files.createDirectories(folder.resolve("jvm/d")); // removed but for its folder
        Files.writeString(folder.resolve("jvm/d/release"), "JAVA_VERSION=\"26\"\n");
        testedOn("jvm/b");
        jdk("own", "27-ea");
        environment.put("JAVA_NEWEST", folder.resolve("own").toString());
        testedOn("own");
    }

    @Test
    void where_there_is_no_jdk_newer_than_17_nothing_is_tested_on_it_again() throws Exception {
        readyForTests();
        jdk("jvm/a", "17.0.2");
        jdk("jvm/b", "11.0.1");
        Commands.Result told = run("test --jdk newest");
        assertThat(told.exitCode()).isEqualTo(2);
        assertThat(told.output()).contains("no JDK newer than 17 under ").contains("name one with JAVA_NEWEST=FOLDER");
        assertThat(calls()).doesNotContain("mvn");
    }

    @Test
    void each_script_is_one_that_its_shell_can_read() throws Exception {
        for (String script : SCRIPTS) {
            Path file = HOME.resolve(script);
            String shell = Files.readString(file).startsWith("#!/usr/bin/env bash\n") ? "bash" : "/bin/sh";
            assertThat(Files.isExecutable(file)).as(script).isTrue();
            assertThat(Commands.runIn(folder, environment, shell, "-n", file.toString())
                            .output())
                    .as(script)
                    .isEmpty();
        }
    }
}
