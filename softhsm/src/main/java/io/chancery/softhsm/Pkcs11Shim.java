package io.chancery.softhsm;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A PKCS#11 library of a test's own, built by gcc, in front of another one: it counts logins, locks the PIN after wrong
 * ones, and lets calls take long, fail or hang on command, in every process that has it loaded. A command is in force
 * from the next call on. Safe for any thread.
 */
public final class Pkcs11Shim implements AutoCloseable {
    private static final String SOURCE = "pkcs11-shim.c";
    private static final String ANY = "any";
    private static final long BUILD_SECONDS = 60;
    private static final AtomicInteger ACTS = new AtomicInteger();

    private final Path folder;
    private final Map<String, String> commands = new LinkedHashMap<>();

    private Pkcs11Shim(Path folder) {
        this.folder = folder;
    }

    /** What each process does once to the library behind the shim, before its next signature and between other calls. */
    public enum Act {
        LOGOUT,
        CLOSE_SESSIONS,
        /** C_Finalize and C_Initialize. */
        RESTART
    }

    /**
     * One C_Login of a user.
     *
     * @param process that called it
     * @param returned CKR_OK (0), CKR_PIN_INCORRECT (0xA0), CKR_PIN_LOCKED (0xA4) …
     */
    public record Login(long process, long returned) {}

    /**
     * Builds a shim that misbehaves in nothing yet.
     *
     * @param library absolute path of the one behind it
     * @throws IllegalStateException when there is no gcc, with the command that installs it
     */
    public static Pkcs11Shim around(Path library) throws IOException {
        Path folder = Files.createTempDirectory("pkcs11-shim-");
        Files.writeString(folder.resolve("library"), library + "\n");
        Path source = folder.resolve(SOURCE);
        try (InputStream in = Objects.requireNonNull(Pkcs11Shim.class.getResourceAsStream(SOURCE))) {
            long unused = Files.copy(in, source);
        }
        Pkcs11Shim shim = new Pkcs11Shim(folder);
        build(source, shim.modulePath());
        shim.write();
        return shim;
    }

    private static void build(Path source, Path library) throws IOException {
        Path output = source.resolveSibling("gcc.txt");
        ProcessBuilder gcc = new ProcessBuilder(
                        "gcc",
                        "-std=gnu11",
                        "-O1",
                        "-fPIC",
                        "-shared",
                        "-fvisibility=hidden",
                        "-o",
                        library.toString(),
                        source.toString(),
                        "-ldl",
                        "-lpthread")
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        Process process;
        try {
            process = gcc.start();
        } catch (IOException e) {
            throw new IllegalStateException("gcc is not installed: apt-get install gcc libc6-dev", e);
        }
        try {
            if (!process.waitFor(BUILD_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IllegalStateException(
                        "gcc failed (apt-get install gcc libc6-dev): " + Files.readString(output));
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** The absolute path of the library to load. */
    public Path modulePath() {
        return folder.resolve("pkcs11-shim.so");
    }

    /** The PKCS#11 URI of a key on the token, which is reached through this shim. */
    public String uri(SoftHsmToken token, String object) {
        return token.uri(object)
                .replace(token.modulePath().toString(), modulePath().toString());
    }

    /** A signature takes that much longer; any number may be under way at once. */
    public void signaturesTake(Duration longer) throws IOException {
        delay("C_Sign", longer);
    }

    /** @param function as C_Sign */
    public void delay(String function, Duration longer) throws IOException {
        set(function + " delay", String.valueOf(longer.toNanos() / 1_000));
    }

    /** @param returned that the function returns without doing anything, as 0x30 (CKR_DEVICE_ERROR) */
    public void fail(String function, long returned) throws IOException {
        set(function + " return", "0x" + Long.toHexString(returned));
    }

    /** Every function fails, C_Initialize and C_Finalize as well. */
    public void failAll(long returned) throws IOException {
        fail(ANY, returned);
    }

    /** Calls of the function stand still until {@link #well}. */
    public void hang(String function) throws IOException {
        set(function + " hang", "");
    }

    /** Every call stands still, as those to a frozen process do. */
    public void hangAll() throws IOException {
        hang(ANY);
    }

    /** The PIN is locked once so many wrong ones came in a row, over all processes; the token's flags say so before. */
    public void lockAfter(int wrongPins) throws IOException {
        set("lock-after", String.valueOf(wrongPins));
    }

    /** The token says that it bears so many sessions; it is not kept to them. */
    public void tellMaxSessions(int sessions) throws IOException {
        set("max-sessions", String.valueOf(sessions));
    }

    /** @param id of the slot whose token does not tell what it is any more: CKR_DEVICE_ERROR */
    public void badSlot(long id) throws IOException {
        set("bad-slot", String.valueOf(id));
    }

    /** @param mechanism with which the token says that it does not sign, as 0x1041 (CKM_ECDSA) */
    public void tellNoSigning(long mechanism) throws IOException {
        set("no-signing", "0x" + Long.toHexString(mechanism));
    }

    /** Delays, failures and hangs are for this process alone; the HSM works for all others. */
    public void onlyIn(long process) throws IOException {
        set("only", String.valueOf(process));
    }

    public void once(Act act) throws IOException {
        set(
                "once",
                ACTS.incrementAndGet() + " "
                        + act.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }

    /** Ends all commands but {@link #lockAfter} and {@link #signaturesTake}: the HSM is well again. */
    public synchronized void well() throws IOException {
        commands.keySet().removeIf(name -> !name.equals("lock-after") && !name.equals("C_Sign delay"));
        write();
    }

    private synchronized void set(String name, String value) throws IOException {
        commands.put(name, value);
        write();
    }

    /** In one step, since other processes read it at any moment. */
    private synchronized void write() throws IOException {
        List<String> lines = new ArrayList<>();
        commands.forEach((name, value) -> lines.add(name + " " + value));
        Path next = folder.resolve("control.next");
        Files.write(next, lines);
        Path unused = Files.move(next, folder.resolve("control"), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Every login so far, of all processes, in the order in which they ended. */
    public List<Login> logins() throws IOException {
        Path file = folder.resolve("logins");
        if (!Files.exists(file)) {
            return List.of();
        }
        return Files.readAllLines(file).stream()
                .map(line -> line.split(" ", 2))
                .map(parts -> new Login(Long.parseLong(parts[0]), Long.parseLong(parts[1], 16)))
                .toList();
    }

    /** Lets go what hangs, and deletes the library. A process that has it loaded keeps it. */
    @Override
    public void close() throws IOException {
        synchronized (this) {
            commands.clear();
            write();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                boolean unused = Files.deleteIfExists(file);
            }
        }
    }
}
