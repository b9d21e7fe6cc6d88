package io.chancery.conformance;

import io.chancery.testing.BlockedThreadWatch;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Chancery as its users run it: {@code bin/chancery} in a process of its own. */
final class ChanceryProcess implements AutoCloseable {
    /** Environment of a process as operators run it: with both compilers, and no archive of classes. */
    static final Map<String, String> AS_SHIPPED = Map.of("CHANCERY_JAVA_OPTS", "");

    private static final String MANAGEMENT = "the management port is open port=";
    private static final long START_SECONDS = 180;
    private static final long STOP_SECONDS = 60;
    /** From its end until the last that it printed is read; whoever it started may keep its output open for longer. */
    private static final long LAST_LINES_MILLIS = 10_000;

    private static final long COMPUTING_MILLIS = 5_000;

    private final Process process;
    private final Thread reader = new Thread(this::read, "chancery-output");
    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
    private final CompletableFuture<String> ready = new CompletableFuture<>();

    private ChanceryProcess(Process process) {
        this.process = process;
    }

    /** What was built here. */
    static ChanceryProcess start(Map<String, String> environment, String... arguments) throws IOException {
        return startBehind(List.of(), environment, arguments);
    }

    /** What was built here, by a command that runs another one in its own place, as {@code ip netns exec} does. */
    static ChanceryProcess startBehind(List<String> launcher, Map<String, String> environment, String... arguments)
            throws IOException {
        return startFrom(Path.of(System.getProperty("chancery.home")), launcher, environment, arguments);
    }

    /** What stands in another folder. */
    static ChanceryProcess startFrom(Path home, Map<String, String> environment, String... arguments)
            throws IOException {
        return startFrom(home, List.of(), environment, arguments);
    }

    static ChanceryProcess startFrom(
            Path home, List<String> launcher, Map<String, String> environment, String... arguments) throws IOException {
        return startProgram(home.resolve("bin/chancery"), launcher, environment, arguments);
    }

    /** A script that becomes one in the end, as {@code ./run ca} does. */
    static ChanceryProcess startBy(Path script, Map<String, String> environment, String... arguments)
            throws IOException {
        return startProgram(script, List.of(), environment, arguments);
    }

    private static ChanceryProcess startProgram(
            Path program, List<String> launcher, Map<String, String> environment, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(launcher);
        // Tests may run where Ctrl-C or a hang-up is ignored, as in a background or by nohup, and a process inherits
        // that.
        command.addAll(List.of("env", "--default-signal=INT,HUP"));
        command.add(program.toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        ChanceryProcess started = new ChanceryProcess(builder.start());
        // Whatever becomes of the test, the process is not left behind.
        Runtime.getRuntime().addShutdownHook(new Thread(started.process::destroyForcibly, "chancery-kill"));
        started.reader.setDaemon(true);
        started.reader.start();
        return started;
    }

    private void read() {
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                synchronized (lines) {
                    lines.add(line);
                    lines.notifyAll();
                }
                if (line.startsWith("ready: ")) {
                    ready.complete(line.substring("ready: ".length()));
                }
            }
        } catch (IOException e) {
            lines.add("(output ended: " + e.getMessage() + ")");
        }
        ready.completeExceptionally(new IllegalStateException("ended before it was ready"));
    }

    /** An environment that has the tests' own options for its Java, and more. */
    static Map<String, String> withJavaOptions(String more) {
        String own = System.getenv("CHANCERY_JAVA_OPTS");
        return Map.of("CHANCERY_JAVA_OPTS", (own == null ? "" : own + " ") + more);
    }

    /**
     * A revocation that was just answered is on its list, unless it has waited for that for three seconds and says so.
     *
     * @param named whether the list that is served now names it
     */
    void awaitListed(ClusterJudge.Condition named) throws Exception {
        if (!named.met()) {
            awaitLine("a revocation was answered before a list names it");
            ClusterJudge.await("the list names it", 30, named);
        }
    }

    /** Waits for the ready line; answers the URL in it. */
    String awaitReady() throws InterruptedException {
        try {
            return ready.get(START_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("not ready: " + lines, e);
        }
    }

    /** Waits until a line with the text is printed. */
    void awaitLine(String text) throws InterruptedException {
        awaitLine(text, 0);
    }

    /** As above, passing over so many lines that were there before. */
    void awaitLine(String text, int after) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        synchronized (lines) {
            while (lines.stream().skip(after).noneMatch(line -> line.contains(text))) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0) {
                    throw new AssertionError("no line with \"" + text + "\": " + lines);
                }
                lines.wait(left);
            }
        }
    }

    /** The management port's URL, which is open before the node is ready. */
    String awaitManagement() throws InterruptedException {
        awaitLine(MANAGEMENT);
        return lines().stream()
                .filter(line -> line.contains(MANAGEMENT))
                .map(line -> "http://127.0.0.1:"
                        + line.substring(line.indexOf(MANAGEMENT) + MANAGEMENT.length())
                                .strip())
                .findFirst()
                .orElseThrow();
    }

    List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    /** Whether it has said so, and still lives. */
    boolean isReady() {
        return ready.isDone() && !ready.isCompletedExceptionally() && isAlive();
    }

    /** User and system time so far, in the kernel's ticks: fields 14 and 15 of its stat, counted after the name. */
    long cpuTicks() {
        try {
            String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** Waits until it has ended by itself, or was ended by somebody else; answers its exit code. */
    int awaitEnd() throws InterruptedException {
        if (!process.waitFor(START_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("has not ended within " + START_SECONDS + " s: " + lines());
        }
        reader.join(LAST_LINES_MILLIS);
        return process.exitValue();
    }

    /** SIGSTOP, SIGCONT and the like. */
    void signal(String name) throws IOException, InterruptedException {
        Process sent = new ProcessBuilder("sh", "-c", "kill -" + name + " " + pid())
                .inheritIO()
                .start();
        if (sent.waitFor() != 0) {
            throw new AssertionError("signal " + name + " was not sent to " + pid());
        }
    }

    /** That no event loop has waited: the process says so itself, with where it stood, from a second on. */
    void assertNeverBlocked() {
        List<String> all = lines();
        List<String> blocked = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).contains("has been blocked for")) {
                List<String> frames = all.subList(i, Math.min(all.size(), i + 12)).stream()
                        .map(String::strip)
                        .filter(line -> line.startsWith("at "))
                        .map(line -> line.substring(line.indexOf('/') + 1))
                        .toList();
                // One that computes, on a machine with more to do than it has processors, may stand for a while.
                if (BlockedThreadWatch.fails(all.get(i), frames, COMPUTING_MILLIS)) {
                    blocked.add(all.get(i) + frames);
                }
            }
        }
        if (!blocked.isEmpty()) {
            throw new AssertionError("an event loop stood still: " + blocked);
        }
    }

    /** SIGKILL: nothing is flushed, nobody is asked. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError(pid() + " does not end on SIGKILL");
        }
        reader.join(LAST_LINES_MILLIS);
    }

    /** SIGTERM, as an operator stops it. */
    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            kill();
            throw new AssertionError("did not stop within " + STOP_SECONDS + " s of SIGTERM: " + lines);
        }
        reader.join(LAST_LINES_MILLIS);
    }
}
