package io.chancery.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program under {@code src/test/go} that goes on until its input ends, and tells what happens, an event a line. */
final class GoProgram implements AutoCloseable {
    private static final long STOP_SECONDS = 20;

    private final Process process;
    private final List<String> lines = new ArrayList<>();
    private boolean ended;

    private GoProgram(Process process) {
        this.process = process;
    }

    /** The program that ./run built; a failure when there is none. */
    static String built(String name) {
        String folder = System.getenv("CHANCERY_GO_PROGRAMS");
        Path program = Path.of(folder == null ? "" : folder, name);
        if (folder == null || !Files.isExecutable(program)) {
            throw new IllegalStateException("no " + name + ": run the tests by ./run test, which builds it");
        }
        return program.toString();
    }

    /**
     * Starts it.
     *
     * @param said its input, where other processes do not see it as they would an argument
     */
    static GoProgram start(String said, String name, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(built(name)));
        command.addAll(List.of(arguments));
        GoProgram started = new GoProgram(
                new ProcessBuilder(command).redirectErrorStream(true).start());
        // Whatever becomes of the test, the process is not left behind.
        Runtime.getRuntime().addShutdownHook(new Thread(started.process::destroyForcibly, "go-kill"));
        Thread reader = new Thread(started::read, "go-output");
        reader.setDaemon(true);
        reader.start();
        started.process.getOutputStream().write((said + "\n").getBytes(StandardCharsets.US_ASCII));
        started.process.getOutputStream().flush();
        return started;
    }

    private void read() {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                add(line);
            }
        } catch (IOException e) {
            add("(output ended: " + e.getMessage() + ")");
        }
        synchronized (lines) {
            ended = true;
            lines.notifyAll();
        }
    }

    private void add(String line) {
        synchronized (lines) {
            lines.add(line);
            lines.notifyAll();
        }
    }

    /** Waits for so many events of a name; answers what follows the name in the last of them. */
    String await(String event, int times, long seconds) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        synchronized (lines) {
            while (events(event).size() < times) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0 || ended) {
                    throw new AssertionError("not " + times + " times " + event + " in " + lines);
                }
                lines.wait(left);
            }
            return events(event).get(times - 1);
        }
    }

    /** The events of a name so far, without the name. */
    List<String> events(String event) {
        synchronized (lines) {
            return lines.stream()
                    .filter(line -> line.startsWith(event + " "))
                    .map(line -> line.substring(event.length() + 1))
                    .toList();
        }
    }

    /** Ends its input, and waits until it has ended. */
    @Override
    public void close() throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("did not end with its input: " + lines);
        }
    }
}
