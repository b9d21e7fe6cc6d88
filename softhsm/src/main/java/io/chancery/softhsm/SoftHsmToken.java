package io.chancery.softhsm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A SoftHSM token of a test's own: a fresh directory, label and PIN. For this JVM it serves when SOFTHSM2_CONF was set
 * at its start (SoftHSM reads the variable from the process alone); for other processes see {@link #environment()}.
 */
public final class SoftHsmToken implements AutoCloseable {
    private static final long UTIL_SECONDS = 30;
    private static final List<String> LIBRARIES = List.of(
            "/usr/lib/softhsm/libsofthsm2.so",
            "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
            "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
            "/usr/lib64/libsofthsm2.so",
            "/usr/local/lib/softhsm/libsofthsm2.so");

    private final Path folder;
    private final Path conf;
    private final Path library;
    private final String label;
    private final String pin;

    private SoftHsmToken(Path folder, Path conf, Path library, String label, String pin) {
        this.folder = folder;
        this.conf = conf;
        this.library = library;
        this.label = label;
        this.pin = pin;
    }

    /**
     * Makes a token with softhsm2-util. Where SOFTHSM2_CONF is set for this JVM, the file it names is written anew, so
     * that the library sees this token when it is first loaded here.
     *
     * @throws IllegalStateException when SoftHSM is not installed, with the command that installs it
     */
    public static SoftHsmToken create(String label) {
        try {
            Path library = library();
            Path folder = Files.createTempDirectory("softhsm-");
            Path conf = Optional.ofNullable(System.getenv("SOFTHSM2_CONF"))
                    .map(Path::of)
                    .orElse(folder.resolve("softhsm2.conf"));
            Files.createDirectories(folder.resolve("tokens"));
            Files.createDirectories(conf.toAbsolutePath().getParent());
            Files.writeString(
                    conf,
                    "directories.tokendir = " + folder.resolve("tokens") + "\n"
                            + "objectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n");
            byte[] random = new byte[8];
            new SecureRandom().nextBytes(random);
            SoftHsmToken token = new SoftHsmToken(
                    folder, conf, library, label, HexFormat.of().formatHex(random));
            token.init();
            Files.writeString(token.pinFile(), token.pin + "\n");
            return token;
        } catch (IOException e) {
            throw new IllegalStateException("the SoftHSM token cannot be made", e);
        }
    }

    private static Path library() {
        return LIBRARIES.stream()
                .map(Path::of)
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("SoftHSM is not installed: apt-get install softhsm2"));
    }

    private void init() throws IOException {
        String unused = run("softhsm2-util", "--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", pin);
    }

    /**
     * Runs a command on this token's SoftHSM and answers what it printed; IllegalStateException when it fails or takes
     * 30 seconds.
     */
    public String run(String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(List.of(command))).redirectErrorStream(true);
        builder.environment().putAll(environment());
        Path output = Files.createTempFile(folder, "output", ".txt");
        Process process = builder.redirectOutput(output.toFile()).start();
        try {
            if (!process.waitFor(UTIL_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException(command[0] + " takes more than " + UTIL_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        String text = Files.readString(output);
        if (process.exitValue() != 0) {
            throw new IllegalStateException(command[0] + " failed: " + text + "; apt-get install softhsm2 opensc");
        }
        return text;
    }

    /** Runs pkcs11-tool, logged in to this token. */
    public String pkcs11Tool(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "pkcs11-tool", "--module", library.toString(), "--token-label", label, "--login", "--pin", pin));
        command.addAll(List.of(arguments));
        return run(command.toArray(String[]::new));
    }

    /** What a process needs to see this token. */
    public Map<String, String> environment() {
        return Map.of("SOFTHSM2_CONF", conf.toString());
    }

    /** The PKCS#11 URI of a key on this token, with its PIN in a file. */
    public String uri(String object) {
        return "pkcs11:module-path=" + library + ";token=" + label + ";object=" + object + "?pin-source=" + pinFile();
    }

    public Path conf() {
        return conf;
    }

    /** Where the token's objects are. */
    public Path tokens() {
        return folder.resolve("tokens");
    }

    /** The absolute path of the PKCS#11 library. */
    public Path modulePath() {
        return library;
    }

    public String label() {
        return label;
    }

    /** A test's PIN, which is no secret. */
    public String pin() {
        return pin;
    }

    public Path pinFile() {
        return folder.resolve("pin.txt");
    }

    /** Deletes the token. */
    @Override
    public void close() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                boolean unused = Files.deleteIfExists(file);
            }
        }
    }
}
