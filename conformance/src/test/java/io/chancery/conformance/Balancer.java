package io.chancery.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A load balancer in a process of its own. */
final class Balancer implements AutoCloseable {
    private static final long LONGEST_SECONDS = 60;
    private static final String ENDED = "(its output ended)";

    private final Process process;
    private final List<String> lines = new ArrayList<>();

    private Balancer(Process process) {
        this.process = process;
    }

    /** @param command that stays in the foreground and logs to its output */
    static Balancer start(String... command) throws IOException {
        Balancer balancer;
        try {
            balancer = new Balancer(
                    new ProcessBuilder(command).redirectErrorStream(true).start());
        } catch (IOException e) {
            throw new AssertionError(command[0] + " is not installed: ./run test installs it", e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(balancer.process::destroyForcibly, "balancer-kill"));
        Thread reader = new Thread(balancer::read, "balancer-output");
        reader.setDaemon(true);
        reader.start();
        return balancer;
    }

    private void read() {
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                add(line);
            }
        } catch (IOException e) {
            add("(" + e.getMessage() + ")");
        }
        add(ENDED);
    }

    private void add(String line) {
        synchronized (lines) {
            lines.add(line);
            lines.notifyAll();
        }
    }

    void awaitLine(String text) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
        synchronized (lines) {
            while (lines.stream().noneMatch(line -> line.contains(text))) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0 || lines.contains(ENDED)) {
                    throw new AssertionError("no line with \"" + text + "\": " + lines);
                }
                lines.wait(left);
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("did not end by SIGTERM: " + lines);
        }
    }
}
