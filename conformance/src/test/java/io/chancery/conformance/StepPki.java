package io.chancery.conformance;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.testing.FreePorts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** A PKI as the real {@code step ca init} writes it, with a client's {@code STEPPATH} beside it. */
final class StepPki {
    static final String PROVISIONER = "admin";
    static final String PASSWORD = "a password of the tests";

    private final Path folder;
    private final int port;
    private final Map<String, String> environment = new HashMap<>();

    private StepPki(Path folder, int port) {
        this.folder = folder;
        this.port = port;
    }

    /** @param more options of {@code step ca init} */
    static StepPki init(Path folder, String... more) throws IOException, InterruptedException {
        Files.writeString(folder.resolve("password"), PASSWORD + "\n");
        StepPki pki = new StepPki(folder, FreePorts.take());
        List<String> command = new ArrayList<>(List.of(
                "ca",
                "init",
                "--name",
                "Conformance",
                "--dns",
                "localhost",
                "--dns",
                "127.0.0.1",
                "--address",
                "127.0.0.1:" + pki.port,
                "--provisioner",
                PROVISIONER,
                "--password-file",
                pki.password()));
        command.addAll(List.of(more));
        pki.step(command.toArray(String[]::new)).succeeded();
        // The management port must not collide with another run's.
        Files.writeString(
                folder.resolve("step/config/chancery.json"), "{\"management\":{\"address\":\"127.0.0.1:0\"}}");
        return pki;
    }

    ChanceryProcess start() throws IOException {
        return start(Map.of());
    }

    ChanceryProcess start(Map<String, String> more) throws IOException {
        Map<String, String> all = new HashMap<>(environment);
        all.putAll(more);
        return ChanceryProcess.start(all, "start", caJson().toString(), "--password-file", password());
    }

    /** What step says of the CA's health; a slow moment, as any machine has, makes it red until the node looks again. */
    static void awaitOk(Callable<Commands.Result> health) throws Exception {
        ClusterJudge.await("health", 30, () -> health.call().output().equals("ok\n"));
    }

    /** What every process of this PKI gets from now on. */
    void environment(String name, String value) {
        environment.put(name, value);
    }

    Map<String, String> environment() {
        return Map.copyOf(environment);
    }

    /** Adds or replaces a member of {@code ca.json}. */
    void set(String name, Object value) throws Exception {
        Map<String, Object> ca = JSONObjectUtils.parse(text(caJson()));
        ca.put(name, value);
        Files.writeString(caJson(), JSONObjectUtils.toJSONString(ca));
    }

    /** Settings beside {@code ca.json}; the management port stays any. */
    void configure(Map<String, Object> settings) throws IOException {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("management", Map.of("address", "127.0.0.1:0"));
        Files.writeString(folder.resolve("step/config/chancery.json"), JSONObjectUtils.toJSONString(all));
    }

    Path folder() {
        return folder;
    }

    int port() {
        return port;
    }

    String url() {
        return "https://localhost:" + port;
    }

    String password() {
        return folder.resolve("password").toString();
    }

    Path stepPath() {
        return folder.resolve("step");
    }

    Path caJson() {
        return folder.resolve("step/config/ca.json");
    }

    Path database() {
        return folder.resolve("step/db/chancery.db");
    }

    Path signatures() {
        return folder.resolve("step/db/signatures.log");
    }

    Path intermediate() {
        return folder.resolve("step/certs/intermediate_ca.crt");
    }

    Path root() {
        return folder.resolve("step/certs/root_ca.crt");
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    /** A certificate that no CA has signed, in NAME.crt with its key in NAME.key. */
    void selfSigned(String subject, String name) throws IOException, InterruptedException {
        var unused = step(
                        "certificate",
                        "create",
                        subject,
                        file(name + ".crt").toString(),
                        file(name + ".key").toString(),
                        "--profile",
                        "self-signed",
                        "--subtle",
                        "--no-password",
                        "--insecure")
                .succeeded();
    }

    /** Runs the unmodified step client. */
    Commands.Result step(String... arguments) throws IOException, InterruptedException {
        Map<String, String> environment = new HashMap<>();
        environment.put("STEPPATH", folder.resolve("step").toString());
        String[] command = new String[arguments.length + 1];
        command[0] = Commands.step();
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return Commands.run(folder, environment, command);
    }

    /** With a {@code STEPPATH} of its own, as on another machine. */
    Commands.Result stepElsewhere(Path stepPath, String... arguments) throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 1];
        command[0] = Commands.step();
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return Commands.run(folder, Map.of("STEPPATH", stepPath.toString()), command);
    }

    /** A one-time token that a client elsewhere can bootstrap with, by this name and {@code localhost}. */
    String bootstrapToken(String name) throws IOException, InterruptedException {
        Path token = Files.createTempDirectory(folder, "token").resolve("token");
        step(
                        "ca",
                        "token",
                        name,
                        "--san",
                        name,
                        "--san",
                        "localhost",
                        "--provisioner",
                        PROVISIONER,
                        "--provisioner-password-file",
                        password(),
                        "--output-file",
                        token.toString())
                .succeeded();
        return text(token).strip();
    }

    String fingerprint() throws IOException, InterruptedException {
        return step("certificate", "fingerprint", root().toString())
                .succeeded()
                .output()
                .strip();
    }

    static String text(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }
}
