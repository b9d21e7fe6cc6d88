package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code bin/chancery}: which Java it takes, what it hands on, and how it ends. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class LauncherIT {
    private static final Path HOME = Path.of(System.getProperty("chancery.home"));

    @TempDir
    private Path folder;

    /** A copy of the launcher that looks for this machine's Javas in a folder of the test's. */
    private Path launcher;

    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void copy() throws IOException {
        String text = Files.readString(HOME.resolve("bin/chancery"));
        assertThat(text).contains("in /usr/lib/jvm/*");
        launcher = executable(
                "a distribution/bin/chancery",
                text.replace("in /usr/lib/jvm/*", "in '" + folder.resolve("machine") + "'/*"));
        Files.createDirectories(folder.resolve("a distribution/lib"));
        Files.createDirectories(folder.resolve("machine"));
        Path tools = Files.createDirectories(folder.resolve("tools"));
        for (String tool : List.of("dirname", "readlink", "sed", "sh", "uname")) {
            Path found = Path.of("/usr/bin", tool);
            Files.createSymbolicLink(tools.resolve(tool), Files.exists(found) ? found : Path.of("/bin", tool));
        }
        environment.put("PATH", tools.toString());
    }

    private Path executable(String name, String text) throws IOException {
        return Executable.write(folder.resolve(name), text);
    }

    /** A Java that says which it is, its process and what it was given. */
    private Path java(String name, String version) throws IOException {
        Files.createDirectories(folder.resolve(name));
        Files.writeString(folder.resolve(name + "/release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        String home = name.substring(name.lastIndexOf('/') + 1);
        executable(
                name + "/bin/java",
                "#!/bin/sh\necho 'java: " + home + "'\necho \"pid: $$\"\nfor a in \"$@\"; do echo \"[$a]\"; done\n");
        return folder.resolve(name);
    }

    private Commands.Result launch(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(arguments));
        return Commands.runIn(folder, environment, command.toArray(String[]::new));
    }

    private String chosen() throws Exception {
        return launch().succeeded().output().lines().findFirst().orElseThrow();
    }

    @Test
    void the_newest_java_of_java_home_path_and_the_machine_is_taken() throws Exception {
        java("machine/jdk-17", "17.0.9");
        assertThat(chosen()).isEqualTo("java: jdk-17");
        environment.put("JAVA_HOME", java("elsewhere/jdk-21", "21").toString());
        assertThat(chosen()).isEqualTo("java: jdk-21");
        Path onPath = java("path/jdk-25", "25.0.1");
        Path link = Files.createDirectories(folder.resolve("linked")).resolve("java");
        Files.createSymbolicLink(link, onPath.resolve("bin/java"));
        environment.merge("PATH", link.getParent().toString(), (old, more) -> more + ":" + old);
        assertThat(chosen()).isEqualTo("java: jdk-25");
        java("machine/jdk-27", "27-ea");
        assertThat(chosen()).isEqualTo("java: jdk-27");
    }

    @ParameterizedTest
    @ValueSource(strings = {"11.0.2", "1.8.0_392"})
    void a_java_home_that_is_too_old_is_passed_over(String version) throws Exception {
        environment.put("JAVA_HOME", java("old", version).toString());
        java("machine/jdk-17", "17");
        assertThat(chosen()).isEqualTo("java: jdk-17");
    }

    @Test
    void without_any_java_it_says_what_to_install_and_exits_2() throws Exception {
        Commands.Result result = launch("--version");
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.output())
                .contains("needs Java 17 or newer", "JAVA_HOME, PATH or /usr/lib/jvm", "apt-get install");
    }

    @Test
    void java_that_is_all_too_old_is_named() throws Exception {
        java("machine/jdk-11", "11.0.2");
        environment.put("JAVA_HOME", java("jdk-8", "1.8.0_392").toString());
        Commands.Result result = launch();
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.output())
                .contains("too old: Java 8 in " + folder.resolve("jdk-8"), "Java 11 in " + folder.resolve("machine"));
    }

    @Test
    void chancery_java_home_is_the_only_place_when_it_is_set() throws Exception {
        java("machine/jdk-25", "25");
        environment.put("CHANCERY_JAVA_HOME", java("mine", "17").toString());
        assertThat(chosen()).isEqualTo("java: mine");
        environment.put("CHANCERY_JAVA_HOME", folder.resolve("nothing").toString());
        Commands.Result result = launch();
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.output()).contains("CHANCERY_JAVA_HOME names, " + folder.resolve("nothing"));
    }

    @Test
    void a_java_without_a_release_file_is_asked_for_its_version() throws Exception {
        java("machine/jdk-17", "17");
        executable("machine/plain/bin/java", """
                #!/bin/sh
                [ "$1" != -version ] || { echo 'openjdk version "26" 2026-03-17' >&2; exit; }
                echo 'java: plain'
                """);
        assertThat(chosen()).isEqualTo("java: plain");
    }

    @Test
    void a_symbolic_link_and_a_path_with_spaces_lead_to_the_jars_beside_it() throws Exception {
        java("machine/jdk-17", "17");
        Path link = folder.resolve("tools/chancery");
        Files.createSymbolicLink(link, launcher);
        launcher = link;
        Path lib = folder.resolve("a distribution/lib").toRealPath();
        assertThat(launch().succeeded().output())
                .contains("[-cp]\n[" + lib + "/*]\n", "[@" + lib + "/signer-pkcs11.jvm-flags]\n");
    }

    @Test
    void arguments_arrive_as_they_were_given() throws Exception {
        java("machine/jdk-17", "17");
        assertThat(launch("two words", "", "*", "$HOME", "@file").succeeded().output())
                .endsWith("[io.chancery.cli.Main]\n[two words]\n[]\n[*]\n[$HOME]\n[@file]\n");
    }

    @Test
    void more_options_for_java_are_words_of_their_own_and_a_collector_among_them_wins() throws Exception {
        java("machine/jdk-17", "17");
        assertThat(launch().succeeded().output()).contains("[-XX:+UseSerialGC]");
        environment.put("CHANCERY_JAVA_OPTS", "-Xmx300m -Da=*");
        assertThat(launch().succeeded().output()).contains("[-Xmx300m]\n[-Da=*]\n", "[-XX:+UseSerialGC]");
        environment.put("CHANCERY_JAVA_OPTS", "-Xmx300m -XX:+UseG1GC");
        assertThat(launch().succeeded().output()).contains("[-XX:+UseG1GC]").doesNotContain("UseSerialGC");
    }

    @Test
    void native_libraries_beside_the_jars_are_used_where_they_lie_unless_another_place_is_named() throws Exception {
        java("machine/jdk-17", "17");
        String machine = Commands.run(folder, Map.of(), "uname", "-m").output().strip();
        Path sqlite =
                Files.createDirectories(folder.resolve("a distribution/lib/native/org/sqlite/native/Linux/" + machine));
        assertThat(launch().succeeded().output()).doesNotContain("org.sqlite.lib.path");
        Files.createFile(sqlite.resolve("libsqlitejdbc.so"));
        assertThat(launch().succeeded().output())
                .contains("[-Dorg.sqlite.lib.path=" + sqlite.toRealPath() + "]\n")
                .doesNotContain("java.library.path");
        environment.put("CHANCERY_JAVA_OPTS", "-Xmx300m -Dorg.sqlite.lib.path=/elsewhere");
        assertThat(launch().succeeded().output())
                .doesNotContain(sqlite.toRealPath().toString());
    }

    @ParameterizedTest
    @CsvSource({"17.0.15,false", "21.0.2,false", "24,true", "25.0.3,true"})
    void newer_javas_are_told_of_native_code_that_they_would_warn_of(String version, boolean told) throws Exception {
        java("machine/jdk", version);
        assertThat(launch().succeeded().output().contains("--enable-native-access=ALL-UNNAMED"))
                .isEqualTo(told);
    }

    @ParameterizedTest
    @CsvSource({"LANG,C,C.UTF-8", "LC_ALL,POSIX,C.UTF-8", "LANG,,C.UTF-8", "LANG,C.UTF-8,''"})
    void in_a_locale_of_ascii_alone_java_gets_one_in_which_it_can_name_every_file(
            String variable, @Nullable String value, String given) throws Exception {
        Files.writeString(
                executable("machine/jdk/bin/java", "#!/bin/sh\necho \"[${LC_ALL-}]\"\n")
                        .resolveSibling("../release"),
                "JAVA_VERSION=\"17\"\n");
        if (value != null) {
            environment.put(variable, value);
        }
        assertThat(launch().succeeded().output()).isEqualTo("[" + given + "]\n");
    }

    @Test
    void the_shell_makes_way_so_that_signals_reach_java() throws Exception {
        java("machine/jdk-17", "17");
        ProcessBuilder builder = new ProcessBuilder(launcher.toString());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(output).contains("pid: " + process.pid() + "\n");
    }

    @Test
    void what_is_not_built_yet_says_how_to_build_it() throws Exception {
        Files.delete(folder.resolve("a distribution/lib"));
        Commands.Result result = launch();
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.output()).contains("./run build");
    }

    @ParameterizedTest
    @CsvSource({
        "--version,0",
        "--help,0",
        "help,0",
        "help start,0",
        "start --help,0",
        "'',2",
        "nonsense,2",
        "start,2",
        "start --nonsense x,2",
        "start /nowhere/ca.json,2",
        "quickstart,2",
        "store,2",
        "cluster,2"
    })
    void the_real_one_exits_0_when_done_and_2_when_used_wrongly(String arguments, int code) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(HOME.resolve("bin/chancery").toString()));
        command.addAll(arguments.isEmpty() ? List.of() : List.of(arguments.split(" ")));
        Commands.Result result = Commands.run(folder, Map.of(), command.toArray(String[]::new));
        assertThat(result.exitCode()).as(result.output()).isEqualTo(code);
        assertThat(result.output()).doesNotContain("\tat ", "WARNING").isNotBlank();
    }

    private Commands.Result start(StepPki pki, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                HOME.resolve("bin/chancery").toString(), "start", pki.caJson().toString()));
        command.addAll(List.of(options));
        return Commands.run(folder, Map.of(), command.toArray(String[]::new));
    }

    @Test
    void a_start_without_the_keys_password_and_without_a_terminal_says_how_to_give_it() throws Exception {
        Commands.Result result = start(StepPki.init(folder));
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.output()).contains("--password-file FILE").doesNotContain("\tat ");
    }

    /** With every flag that step takes for them; the other types it adds only where their clouds can be reached. */
    private static void addProvisionersOfManyTypes(StepPki pki) throws Exception {
        String root = pki.root().toString();
        String template = Files.writeString(pki.file("template.tpl"), "{\"subject\": {{ toJson .Subject }}}")
                .toString();
        for (String flags : List.of(
                "JWK --create --password-file " + pki.password(),
                "X5C --x5c-roots " + root,
                "K8sSA --public-key " + root,
                "ACME --force-cn --require-eab --challenge http-01 --attestation-format apple --attestation-roots "
                        + root,
                "AWS --aws-account 1 --disable-custom-sans --disable-trust-on-first-use --instance-age 1h",
                "SCEP --force-cn --challenge c --capabilities Renewal --include-root --exclude-intermediate"
                        + " --min-public-key-length 2048 --encryption-algorithm-identifier 2",
                "SSHPOP")) {
            String type = flags.split(" ", 2)[0];
            List<String> command = new ArrayList<>(List.of(
                    "ca",
                    "provisioner",
                    "add",
                    "a-" + type,
                    "--ca-config",
                    pki.caJson().toString(),
                    "--type"));
            command.addAll(List.of(flags.split(" ")));
            command.addAll(List.of("--x509-max-dur", "48h", "--disable-renewal", "--disable-smallstep-extensions"));
            if (!type.equals("SSHPOP")) {
                command.addAll(List.of("--x509-template", template, "--ssh-template", template));
            }
            pki.step(command.toArray(String[]::new)).succeeded();
        }
    }

    @Test
    void files_are_checked_without_a_start_and_strictly_when_asked_to() throws Exception {
        StepPki pki = StepPki.init(folder);
        addProvisionersOfManyTypes(pki);
        pki.set("dnsName", List.of("misspelt.example"));
        Commands.Result loose = start(pki, "--check-config");
        assertThat(loose.exitCode()).as(loose.output()).isZero();
        assertThat(loose.output().lines().filter(line -> line.contains("a member that is not known")))
                .as("what the real step writes is known, of every type")
                .hasSize(1);
        assertThat(loose.output()).contains("dnsName", "dnsNames", "the configuration is fine");
        assertThat(Files.exists(pki.database())).isFalse();
        Commands.Result strict = start(pki, "--check-config", "--strict");
        assertThat(strict.exitCode()).as(strict.output()).isEqualTo(2);
        assertThat(strict.output()).contains("dnsNames").doesNotContain("is fine");
        pki.set("key", "nowhere.key");
        Commands.Result keyless = start(pki, "--check-config");
        assertThat(keyless.exitCode()).isEqualTo(2);
        assertThat(keyless.output()).contains("nowhere.key");
    }

    @Test
    void the_password_of_the_key_may_stand_in_ca_json_as_step_ca_has_it() throws Exception {
        StepPki pki = StepPki.init(folder);
        pki.set("password", StepPki.text(Path.of(pki.password())).strip());
        try (ChanceryProcess ca =
                ChanceryProcess.start(Map.of(), "start", pki.caJson().toString())) {
            String unused = ca.awaitReady();
        }
    }

    @ParameterizedTest
    @CsvSource({"INT,130", "TERM,0"})
    void a_running_ca_stops_on_a_signal_and_says_nothing_of_java(String signal, int code) throws Exception {
        StepPki pki = StepPki.init(folder);
        try (ChanceryProcess ca = pki.start()) {
            ca.awaitReady();
            Commands.run(folder, Map.of(), "kill", "-" + signal, Long.toString(ca.pid()))
                    .succeeded();
            assertThat(ca.awaitEnd()).isEqualTo(code);
            assertThat(butForStandstills(ca.lines()))
                    .noneMatch(line -> line.contains("WARNING") || line.contains("\tat "));
            ca.assertNeverBlocked();
        }
    }

    /** Vert.x says with a trace where an event loop stood for a second, as on a busy machine any may. */
    private static List<String> butForStandstills(List<String> lines) {
        List<String> others = new ArrayList<>();
        boolean standstill = false;
        for (String line : lines) {
            standstill = line.contains("has been blocked for")
                    || (standstill && (line.startsWith("\tat ") || line.contains("VertxException")));
            if (!standstill) {
                others.add(line);
            }
        }
        return others;
    }
}
