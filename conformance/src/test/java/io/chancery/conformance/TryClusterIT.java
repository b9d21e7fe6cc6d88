package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cluster to look at, as somebody tries it who reads what it prints. */
@Tag("long")
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class TryClusterIT {
    private static final Pattern PAGE = Pattern.compile("--ca-url (\\S+) --fingerprint (\\S+)");
    private static final Pattern VICTIM = Pattern.compile("kill -9 (\\d+)");
    private static final long PATIENCE_SECONDS = 240;
    /** A node answers what is under way, leaves the grid and closes its store; each of these has its limit. */
    private static final long STOP_SECONDS = 120;

    @TempDir
    private Path folder;

    private final List<Process> started = new ArrayList<>();
    private Path log;
    private int certificates;

    @AfterEach
    void leaveNothingBehind() throws Exception {
        StringBuilder hang = new StringBuilder();
        for (Process each : started) {
            each.destroy();
            if (!each.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                for (ProcessHandle process : remains()) {
                    hang.append(process.info().commandLine().orElse("")).append('\n');
                    hang.append(stacks(process.pid())).append('\n');
                }
                each.destroyForcibly();
            }
        }
        remains().forEach(ProcessHandle::destroyForcibly);
        Path ports = cluster().resolve("ports");
        if (Files.exists(ports)) {
            // As the script names the database's folder where root runs it.
            Commands.run(
                            folder,
                            Map.of(),
                            "sh",
                            "-c",
                            "rm -rf /var/tmp/chancery-cluster-$(printf %s '" + cluster() + "' | cksum | cut -d' ' -f1)")
                    .succeeded();
        }
        assertThat(hang.toString()).as("what did not stop").isEmpty();
    }

    /** What the threads of a JVM do. */
    private String stacks(long pid) throws Exception {
        Path jstack = Path.of(System.getProperty("java.home"), "bin", "jstack");
        return Commands.run(folder, Map.of(), jstack.toString(), Long.toString(pid))
                .output();
    }

    private Path cluster() {
        return folder.resolve("cluster");
    }

    private Process startCluster() throws Exception {
        log = Files.createTempFile(folder, "try-cluster", ".log");
        Process script = launch(
                Map.of(),
                "env",
                "--default-signal=INT",
                DeployFiles.folder().resolve("try-cluster").toString(),
                cluster().toString());
        ClusterJudge.await("it says how to stop it", PATIENCE_SECONDS, () -> {
            assertThat(script.isAlive()).as(StepPki.text(log)).isTrue();
            return StepPki.text(log).contains("Ctrl-C stops all of it");
        });
        return script;
    }

    private Process launch(Map<String, String> environment, String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        Process process = builder.start();
        started.add(process);
        return process;
    }

    /** Processes that have a file of this cluster in their command. */
    private List<ProcessHandle> remains() {
        String name = cluster().toString();
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(name))
                .toList();
    }

    private String told(Pattern pattern, int group) throws Exception {
        Matcher matcher = pattern.matcher(StepPki.text(log));
        assertThat(matcher.find()).as(StepPki.text(log)).isTrue();
        return matcher.group(group);
    }

    private void step(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(Commands.step()));
        command.addAll(List.of(arguments));
        Commands.run(folder, Map.of("STEPPATH", folder.resolve("step").toString()), command.toArray(String[]::new))
                .succeeded();
    }

    /** As the printed text says. */
    private void certificate() throws Exception {
        String name = "my" + ++certificates;
        step(
                "ca",
                "certificate",
                name + ".example",
                folder.resolve(name + ".crt").toString(),
                folder.resolve(name + ".key").toString(),
                "--provisioner",
                "admin",
                "--provisioner-password-file",
                cluster().resolve("pki/provisioner-password").toString());
        assertThat(Certificates.read(folder.resolve(name + ".crt"))
                        .getSubjectX500Principal()
                        .getName())
                .contains(name + ".example");
    }

    private ProcessHandle node(String name) {
        String file =
                cluster().resolve("cluster").resolve(name).resolve("ca.json").toString();
        return remains().stream()
                .filter(process -> process.info().commandLine().orElse("").contains(file))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " does not run"));
    }

    /** The environment of a process that runs: the node's token is found by it. */
    private static Map<String, String> environment(ProcessHandle process) throws Exception {
        Map<String, String> found = new HashMap<>();
        String all = Files.readString(Path.of("/proc/" + process.pid() + "/environ"), StandardCharsets.UTF_8);
        for (String each : all.split("\0")) {
            int equals = each.indexOf('=');
            if (equals > 0) {
                found.put(each.substring(0, equals), each.substring(equals + 1));
            }
        }
        return found;
    }

    private void startNode(String name, Map<String, String> environment) throws Exception {
        Process unused = launch(
                environment,
                Path.of(System.getProperty("chancery.home"), "bin/chancery").toString(),
                "start",
                cluster().resolve("cluster").resolve(name).resolve("ca.json").toString());
        String settings =
                StepPki.text(cluster().resolve("cluster").resolve(name).resolve("chancery.json"));
        Matcher management =
                Pattern.compile("\"management\":\\{\"address\":\"([^\"]+)\"").matcher(settings);
        assertThat(management.find()).as(settings).isTrue();
        URI canIssue = URI.create("http://" + management.group(1) + "/can-issue");
        ClusterJudge.await(name + " can issue", PATIENCE_SECONDS, () -> answersOk(canIssue));
    }

    private static boolean answersOk(URI uri) throws InterruptedException {
        try {
            return HttpClient.newHttpClient()
                            .send(
                                    HttpRequest.newBuilder(uri)
                                            .timeout(Duration.ofSeconds(5))
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (java.io.IOException e) {
            return false;
        }
    }

    private void stopByCtrlC(Process script) throws Exception {
        Commands.run(folder, Map.of(), "kill", "-INT", Long.toString(script.pid()))
                .succeeded();
        assertThat(script.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(script.exitValue()).isZero();
    }

    @Test
    void it_issues_loses_a_node_is_restarted_node_by_node_and_leaves_nothing_running() throws Exception {
        Process script = startCluster();
        step("ca", "bootstrap", "--ca-url", told(PAGE, 1), "--fingerprint", told(PAGE, 2));
        certificate();

        Map<String, String> environment = environment(node("n2"));
        ProcessHandle victim = ProcessHandle.of(Long.parseLong(told(VICTIM, 1))).orElseThrow();
        Commands.run(folder, Map.of(), "kill", "-9", told(VICTIM, 1)).succeeded();
        // The kernel takes connections for a process until it is gone, and step does not ask twice.
        var unusedEnd = victim.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        certificate();
        startNode("n1", environment);
        certificate();
        for (String name : List.of("n2", "n3")) {
            ProcessHandle node = node(name);
            assertThat(node.destroy()).isTrue();
            var unused = node.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            certificate();
            startNode(name, environment);
            certificate();
        }

        // What the test has started is the test's to stop.
        for (Process each : started.subList(1, started.size())) {
            each.destroy();
            assertThat(each.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        }
        stopByCtrlC(script);
        assertThat(remains()).isEmpty();
    }

    @Test
    void a_second_start_goes_on_with_what_the_first_one_made() throws Exception {
        Process first = startCluster();
        step("ca", "bootstrap", "--ca-url", told(PAGE, 1), "--fingerprint", told(PAGE, 2));
        certificate();
        stopByCtrlC(first);
        assertThat(remains()).isEmpty();
        Process second = startCluster();
        certificate();
        stopByCtrlC(second);
        assertThat(remains()).isEmpty();
    }

    @Test
    void a_port_that_another_program_has_is_named_before_anything_starts() throws Exception {
        try (ServerSocket another = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int ofTheFirstManagementPort = 41;
            Files.createDirectories(cluster());
            Files.writeString(cluster().resolve("ports"), (another.getLocalPort() - ofTheFirstManagementPort) + "\n");
            Commands.Result result = Commands.run(
                    folder,
                    Map.of(),
                    DeployFiles.folder().resolve("try-cluster").toString(),
                    cluster().toString());
            assertThat(result.exitCode()).isOne();
            assertThat(result.output()).contains("already: does it run?").doesNotContain("making");
        }
    }
}
