package io.chancery.softhsm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A token of tpm2-pkcs11 on a TPM in software: another PKCS#11 library than SoftHSM, by other people, which lets the
 * token hash. A client finds it by TPM2_PKCS11_STORE (a folder, made anew here) and TPM2_PKCS11_TCTI
 * ({@code swtpm:path=SOCKET}).
 */
public final class TpmToken implements AutoCloseable {
    public static final String LABEL = "tpm";
    /** A test's PIN, which is no secret. */
    public static final String PIN = "12345678";

    private static final long SECONDS = 60;
    private static final int LONGEST_SOCKET = 100;
    private static final List<String> LIBRARIES = List.of(
            "/usr/lib/x86_64-linux-gnu/libtpm2_pkcs11.so.1",
            "/usr/lib/aarch64-linux-gnu/libtpm2_pkcs11.so.1",
            "/usr/lib64/pkcs11/libtpm2_pkcs11.so");

    private final Path store;
    private final Path socket;
    private final Path state;
    private final Map<String, String> environment;
    private Optional<Process> tpm = Optional.empty();

    private TpmToken(Path store, Path socket, Map<String, String> environment) {
        this.store = store;
        this.socket = socket;
        this.state = store.resolveSibling(store.getFileName() + ".state");
        this.environment = environment;
    }

    /** Starts the TPM and makes a token with a PIN; IllegalStateException when something is not installed. */
    public static TpmToken start(Map<String, String> environment) throws IOException, InterruptedException {
        Path store = Path.of(named(environment, "TPM2_PKCS11_STORE"));
        Path socket = Path.of(named(environment, "TPM2_PKCS11_TCTI").substring("swtpm:path=".length()));
        if (socket.toString().length() > LONGEST_SOCKET) {
            throw new IllegalStateException("a socket's path is " + LONGEST_SOCKET + " characters at most: " + socket);
        }
        TpmToken token = new TpmToken(store, socket, environment);
        for (Path folder : List.of(token.store, token.state)) {
            deleteTree(folder);
            Files.createDirectories(folder);
        }
        token.startAgain();
        token.tool("--slot-index", "0", "--init-token", "--label", LABEL, "--so-pin", PIN);
        token.tool(
                "--token-label", LABEL, "--login", "--login-type", "so", "--so-pin", PIN, "--init-pin", "--pin", PIN);
        return token;
    }

    private static String named(Map<String, String> environment, String name) {
        String value = environment.get(name);
        if (value == null) {
            throw new IllegalStateException(name + " is not set: the library reads it from its process");
        }
        return value;
    }

    private static void deleteTree(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file :
                        files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    boolean unused = Files.deleteIfExists(file);
                }
            }
        }
    }

    private void tool(String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("pkcs11-tool", "--module", modulePath().toString()));
        command.addAll(List.of(arguments));
        Path output = state.resolve("output.txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IllegalStateException("pkcs11-tool failed: " + Files.readString(output));
        }
    }

    /** The absolute path of the PKCS#11 library. */
    public static Path modulePath() {
        return LIBRARIES.stream()
                .map(Path::of)
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "tpm2-pkcs11 is not installed: apt-get install libtpm2-pkcs11-1 libtss2-tcti-swtpm0 swtpm"));
    }

    /** The PKCS#11 URI of a key on this token. */
    public static String uri(String object) {
        return "pkcs11:module-path=" + modulePath() + ";token=" + LABEL + ";object=" + object + "?pin-value=" + PIN;
    }

    /** After {@link #kill}: the keys are still there, what was loaded is not. */
    public void startAgain() throws IOException, InterruptedException {
        boolean unused = Files.deleteIfExists(socket);
        Files.createDirectories(socket.getParent());
        Process process;
        try {
            process = new ProcessBuilder(
                            "swtpm",
                            "socket",
                            "--tpm2",
                            "--tpmstate",
                            "dir=" + state,
                            "--server",
                            "type=unixio,path=" + socket,
                            "--ctrl",
                            "type=unixio,path=" + socket + ".ctrl",
                            "--flags",
                            "not-need-init,startup-clear")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new IllegalStateException("swtpm is not installed: apt-get install swtpm", e);
        }
        tpm = Optional.of(process);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!Files.exists(socket)) {
            if (!process.isAlive() || System.nanoTime() - end > 0) {
                throw new IllegalStateException("swtpm does not start");
            }
            boolean unusedWait = new CountDownLatch(1).await(5, TimeUnit.MILLISECONDS);
        }
    }

    /** As when the machine of the TPM loses its power. */
    public void kill() {
        tpm.ifPresent(process -> process.destroyForcibly().onExit().join());
    }

    @Override
    public void close() throws IOException {
        kill();
        deleteTree(store);
        deleteTree(state);
    }
}
