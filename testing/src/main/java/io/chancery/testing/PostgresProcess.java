package io.chancery.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL of a test's own, on a free port of loopback, durable as a real one. As the server refuses to run as
 * root, root runs it as the user that Debian's package makes. Blocks.
 */
public final class PostgresProcess implements AutoCloseable {
    static final String USER = "postgres";
    private static final Path INSTALLED = Path.of("/usr/lib/postgresql");
    private static final long PATIENCE_SECONDS = 60;

    /** Bytes that tests of one JVM may come to need. */
    private static final long ROOM = 2L << 30;

    private static @Nullable Path template;

    private final Path folder;
    private final int port;
    private Process server;

    private PostgresProcess(Path folder, int port) throws IOException {
        this.folder = folder;
        this.port = port;
        this.server = launch();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> all().forEach(ProcessHandle::destroyForcibly)));
    }

    /** Starts an empty server; every line goes into its postgresql.conf. */
    public static PostgresProcess start(String... settings) throws IOException, InterruptedException {
        return init(ownFolder(Files.createTempDirectory("chancery-postgres-")), settings);
    }

    /**
     * As above, with its files in memory where that has room: to make a database and remove it is mostly work of the file
     * system. For tests that do so again and again, and ask for nothing that a loss of power would show.
     */
    public static PostgresProcess startInMemory(String... settings) throws IOException, InterruptedException {
        return init(ownFolder(MemoryFolder.create("chancery-postgres-", ROOM)), settings);
    }

    /** As above, with all its files in a new folder of this one, which others may enter. */
    public static PostgresProcess startIn(Path parent, String... settings) throws IOException, InterruptedException {
        return init(ownFolder(Files.createTempDirectory(parent, "postgres-")), settings);
    }

    private static PostgresProcess init(Path folder, String... settings) throws IOException, InterruptedException {
        String unused = run(folder, "cp", "-a", data(template()), data(folder));
        return configure(folder, settings);
    }

    /** An empty server's folder, made once in a process: initdb takes ten times as long as copying what it makes. */
    private static synchronized Path template() throws IOException, InterruptedException {
        Path made = template;
        if (made == null) {
            made = ownFolder(Files.createTempDirectory("chancery-postgres-"));
            String unused = run(
                    made,
                    bin("initdb"),
                    "-D",
                    data(made),
                    "-N",
                    "-U",
                    USER,
                    "-A",
                    "trust",
                    "-E",
                    "UTF8",
                    "--locale=C.UTF-8");
            Path folder = made;
            Runtime.getRuntime().addShutdownHook(new Thread(() -> deleteAll(folder)));
            template = made;
        }
        return made;
    }

    /** Starts a standby that follows this server; its name for synchronous_standby_names is given. */
    public PostgresProcess standby(String name, String... settings) throws IOException, InterruptedException {
        Path copy = ownFolder(Files.createTempDirectory("chancery-postgres-"));
        String primary = "host=127.0.0.1 port=" + port + " user=" + USER + " application_name=" + name;
        String unused = run(
                copy, bin("pg_basebackup"), "-D", data(copy), "-d", primary, "-N", "-R", "-X", "stream", "-c", "fast");
        return configure(copy, settings);
    }

    private static PostgresProcess configure(Path folder, String... settings) throws IOException, InterruptedException {
        int port = FreePorts.take();
        List<String> lines = new ArrayList<>(List.of(
                "",
                "listen_addresses = '127.0.0.1'",
                "port = " + port,
                "unix_socket_directories = ''",
                "shared_buffers = 32MB",
                "dynamic_shared_memory_type = mmap", // in its folder, or what is killed leaves it in /dev/shm
                "max_connections = 40",
                "wal_sender_timeout = 5s"));
        lines.addAll(List.of(settings));
        Path file = folder.resolve("data/postgresql.conf");
        Files.write(file, lines, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
        PostgresProcess process = new PostgresProcess(folder, port);
        process.awaitReady();
        return process;
    }

    private Process launch() throws IOException {
        return builder(folder, bin("postgres"), "-D", data(folder))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
    }

    /** What the server has said. */
    public Path log() {
        return folder.resolve("server.log");
    }

    public Path folder() {
        return folder;
    }

    public int port() {
        return port;
    }

    public long pid() {
        return server.pid();
    }

    /** Whether it runs; it ends by itself where it cannot go on. */
    public boolean isAlive() {
        return server.isAlive();
    }

    /** As ca.json names a database of this server. */
    public String dataSource(String database) {
        return "postgresql://" + USER + "@127.0.0.1:" + port + "/" + database;
    }

    /** A new, empty database; answers its name. */
    public String createDatabase(String name) throws IOException, InterruptedException {
        String unused = sql(USER, "CREATE DATABASE \"" + name + "\"");
        return name;
    }

    /** Runs one statement; answers the rows, columns joined by {@code |}, one a line. */
    public String sql(String database, String statement) throws IOException, InterruptedException {
        return run(
                folder,
                bin("psql"),
                "-X",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-d",
                dataSource(database),
                "-c",
                statement);
    }

    /** Waits until it answers questions. */
    public void awaitReady() throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (builder(folder, bin("pg_isready"), "-q", "-h", "127.0.0.1", "-p", Integer.toString(port))
                        .start()
                        .waitFor()
                != 0) {
            if (!server.isAlive() || System.nanoTime() > end) {
                throw new IOException("PostgreSQL did not start: " + Files.readString(log()));
            }
        }
    }

    /** Ends it at once, as a failure of the machine would; what it had acknowledged is on disk. */
    public void kill() throws InterruptedException, IOException {
        // All its processes: a backend that outlives its parent would keep a new server from starting.
        List<ProcessHandle> all;
        try {
            all = stoppedParentAndItsChildren();
        } catch (IOException | InterruptedException e) {
            all().forEach(ProcessHandle::destroyForcibly);
            throw e;
        }
        all.forEach(ProcessHandle::destroyForcibly);
        int unused = server.waitFor();
        for (ProcessHandle each : all) {
            each.onExit().join();
        }
    }

    /** SIGSTOP for all its processes: connections stay, and nothing answers. */
    public void pause() throws IOException, InterruptedException {
        signal("STOP", stoppedParentAndItsChildren());
    }

    public void resume() throws IOException, InterruptedException {
        signal("CONT", all());
    }

    /** Of a parent that stands still no child comes to be, and none that ends is gone before it is listed and met. */
    private List<ProcessHandle> stoppedParentAndItsChildren() throws IOException, InterruptedException {
        if (!server.isAlive()) {
            return List.of();
        }
        signal("STOP", List.of(server.toHandle()));
        return all();
    }

    private List<ProcessHandle> all() {
        return Stream.concat(server.descendants(), Stream.of(server.toHandle())).toList();
    }

    private static void signal(String name, List<ProcessHandle> processes) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kill", "-" + name));
        processes.forEach(each -> command.add(Long.toString(each.pid())));
        if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
            throw new IOException("signal " + name + " was not sent to all processes of the server");
        }
    }

    /** Stops it in an orderly way, clients or not. */
    public void stop() throws IOException, InterruptedException {
        String unused = run(folder, bin("pg_ctl"), "-D", data(folder), "-m", "fast", "-w", "stop");
        int ignored = server.waitFor();
    }

    /** Starts it again on the same port, with what it had. */
    public void startAgain() throws IOException, InterruptedException {
        server = launch();
        awaitReady();
    }

    /** Makes a standby the primary. */
    public void promote() throws IOException, InterruptedException {
        String unused = run(folder, bin("pg_ctl"), "-D", data(folder), "-w", "promote");
    }

    /** Sets a parameter for all sessions from now on. */
    public void set(String parameter, String value) throws IOException, InterruptedException {
        String unused = sql(USER, "ALTER SYSTEM SET " + parameter + " = '" + value + "'");
        String ignored = sql(USER, "SELECT pg_reload_conf()");
    }

    /** Writes all of a database to a new file. */
    public void dump(String database, String file) throws IOException, InterruptedException {
        byte[] dump = output(folder, bin("pg_dump"), "-Fc", "-d", dataSource(database));
        Path unused = Files.write(Path.of(file), dump);
    }

    /** Puts such a file's content into an empty database. */
    public void restore(String database, String file) throws IOException, InterruptedException {
        restore(database, file, List.of());
    }

    /** Puts such a file's content in the place of what a database has, at one moment, while others use it. */
    public void restoreOver(String database, String file) throws IOException, InterruptedException {
        restore(database, file, List.of("--clean", "--single-transaction"));
    }

    private void restore(String database, String file, List<String> options) throws IOException, InterruptedException {
        Path copy = folder.resolve("restored.dump"); // where the server's user may read
        Path unused = Files.copy(Path.of(file), copy);
        List<String> command = new ArrayList<>(List.of(bin("pg_restore"), "-d", dataSource(database)));
        command.addAll(options);
        command.add(copy.toString());
        String ignored = run(folder, command.toArray(String[]::new));
        Files.delete(copy);
    }

    /** Takes a parameter back that was set; also where it makes every session read only. */
    public void reset(String parameter) throws IOException, InterruptedException {
        String unused = run(
                folder,
                bin("psql"),
                "-X",
                "-q",
                "-d",
                dataSource(USER),
                "-c",
                "SET default_transaction_read_only = off",
                "-c",
                "ALTER SYSTEM RESET " + parameter,
                "-c",
                "SELECT pg_reload_conf()");
    }

    @Override
    public void close() throws IOException {
        try {
            kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            deleteAll(folder);
        }
    }

    static void deleteAll(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(PostgresProcess::delete);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path ownFolder(Path folder) throws IOException {
        if (isRoot()) {
            Path unused = Files.setOwner(
                    folder,
                    folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(USER));
        }
        return folder;
    }

    private static String data(Path folder) {
        return folder.resolve("data").toString();
    }

    private static String bin(String program) throws IOException {
        try (Stream<Path> versions = Files.list(INSTALLED)) {
            return versions.map(version -> version.resolve("bin").resolve(program))
                    .filter(Files::isExecutable)
                    .max(Comparator.comparingInt(path -> Integer.parseInt(
                            path.getName(INSTALLED.getNameCount()).toString())))
                    .orElseThrow(() -> new IOException("PostgreSQL's " + program + " is not under " + INSTALLED))
                    .toString();
        }
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static ProcessBuilder builder(Path folder, String... command) {
        List<String> whole = new ArrayList<>();
        if (isRoot()) {
            whole.addAll(List.of("setpriv", "--reuid=" + USER, "--regid=" + USER, "--clear-groups"));
        }
        whole.addAll(List.of(command));
        ProcessBuilder builder = new ProcessBuilder(whole);
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        return builder.directory(folder.toFile());
    }

    private static String run(Path folder, String... command) throws IOException, InterruptedException {
        return new String(output(folder, command), StandardCharsets.UTF_8).strip();
    }

    private static byte[] output(Path folder, String... command) throws IOException, InterruptedException {
        Path said = Files.createTempFile("chancery-postgres-", ".out");
        Path complaints = Files.createTempFile("chancery-postgres-", ".err");
        try {
            // Not through pipes: a server that pg_ctl starts would keep them open.
            Process process = builder(folder, command)
                    .redirectOutput(said.toFile())
                    .redirectError(complaints.toFile())
                    .start();
            process.getOutputStream().close();
            int code = process.waitFor();
            if (code != 0) {
                throw new IOException(String.join(" ", command) + " ended with " + code + ": "
                        + Files.readString(complaints) + Files.readString(said));
            }
            return Files.readAllBytes(said);
        } finally {
            Files.delete(said);
            Files.delete(complaints);
        }
    }
}
