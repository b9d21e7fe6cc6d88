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

/**
 * {@code p11-kit server} in front of a token, as an HSM that is reached over a connection: it may die, come back, or stand
 * still. Clients load {@link #clientLibrary()} and find it by P11_KIT_SERVER_ADDRESS. Each of them is served by a child
 * {@code p11-kit-remote}, which outlives the server; so what is done here is done to all of them.
 */
public final class P11KitServer implements AutoCloseable {
    private static final long START_SECONDS = 20;
    private static final int LONGEST_SOCKET = 100;
    private static final List<String> CLIENTS = List.of(
            "/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so",
            "/usr/lib/aarch64-linux-gnu/pkcs11/p11-kit-client.so",
            "/usr/lib64/pkcs11/p11-kit-client.so");

    private final String label;
    private final Map<String, String> environment;
    private final Path library;
    private final Path socket;
    private Optional<Process> server = Optional.empty();

    private P11KitServer(String label, Map<String, String> environment, Path library, Path socket) {
        this.label = label;
        this.environment = Map.copyOf(environment);
        this.library = library;
        this.socket = socket;
    }

    /**
     * @param library what the server has loaded
     * @param address as P11_KIT_SERVER_ADDRESS holds it: {@code unix:path=…}
     */
    public static P11KitServer start(SoftHsmToken token, Path library, String address)
            throws IOException, InterruptedException {
        return start(token.label(), token.environment(), library, address);
    }

    /**
     * @param label of the token
     * @param environment what the library needs to see it
     */
    public static P11KitServer start(String label, Map<String, String> environment, Path library, String address)
            throws IOException, InterruptedException {
        Path socket = Path.of(address.substring("unix:path=".length()));
        if (socket.toString().length() > LONGEST_SOCKET) {
            throw new IllegalStateException("a socket's path is " + LONGEST_SOCKET + " characters at most: " + socket);
        }
        P11KitServer made = new P11KitServer(label, environment, library, socket);
        made.startAgain();
        return made;
    }

    /** The absolute path of the library that clients load. */
    public static Path clientLibrary() {
        return CLIENTS.stream()
                .map(Path::of)
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "p11-kit's client is not installed: apt-get install p11-kit p11-kit-modules"));
    }

    /** The PKCS#11 URI of a key on the token that a server stands before, which is reached through it. */
    public static String uri(SoftHsmToken token, String object) {
        return token.uri(object)
                .replace(token.modulePath().toString(), clientLibrary().toString());
    }

    public void startAgain() throws IOException, InterruptedException {
        Files.createDirectories(socket.getParent());
        boolean unused = Files.deleteIfExists(socket);
        ProcessBuilder builder = new ProcessBuilder(
                        "p11-kit",
                        "server",
                        "--foreground",
                        "--provider",
                        library.toString(),
                        "--name",
                        socket.toString(),
                        "pkcs11:token=" + label)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().putAll(environment);
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new IllegalStateException("p11-kit is not installed: apt-get install p11-kit p11-kit-modules", e);
        }
        server = Optional.of(process);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!Files.exists(socket)) {
            if (!process.isAlive() || System.nanoTime() - end > 0) {
                throw new IllegalStateException("p11-kit server does not start");
            }
            boolean unusedWait = new CountDownLatch(1).await(5, TimeUnit.MILLISECONDS);
        }
    }

    /** Ends the server and all who serve clients: their sessions and logins are gone. */
    public void kill() throws IOException, InterruptedException {
        if (server.isPresent() && server.get().isAlive()) {
            // Or it would make one more child while the others are counted, and clients went on with that one.
            signal("STOP", server.get().toHandle());
            awaitStopped(server.get());
        }
        List<ProcessHandle> all = all();
        all.forEach(ProcessHandle::destroyForcibly);
        while (all.stream().anyMatch(ProcessHandle::isAlive)) {
            Thread.onSpinWait(); // onExit looks at grandchildren once a second
        }
    }

    /** The signal is on its way when the command that sends it has ended. */
    private static void awaitStopped(Process process) throws IOException, InterruptedException {
        Path stat = Path.of("/proc", String.valueOf(process.pid()), "stat");
        while (process.isAlive() && !Files.readString(stat).contains(") T ")) {
            boolean unused = new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS);
        }
    }

    /** Lets all of them stand still: calls hang. */
    public void freeze() throws IOException, InterruptedException {
        signal("STOP");
    }

    public void thaw() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        for (ProcessHandle process : all()) {
            signal(name, process);
        }
    }

    private static void signal(String name, ProcessHandle process) throws IOException, InterruptedException {
        int unused = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                .start()
                .waitFor();
    }

    private List<ProcessHandle> all() {
        List<ProcessHandle> all = new ArrayList<>();
        server.ifPresent(process -> {
            process.descendants().forEach(all::add);
            all.add(process.toHandle());
        });
        return all;
    }

    @Override
    public void close() throws IOException {
        try {
            kill();
        } catch (InterruptedException e) {
            all().forEach(ProcessHandle::destroyForcibly);
            Thread.currentThread().interrupt();
        }
        boolean unused = Files.deleteIfExists(socket);
    }
}
