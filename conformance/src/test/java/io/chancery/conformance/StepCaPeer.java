package io.chancery.conformance;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The real, unmodified step-ca in a process of its own, to be compared with. */
final class StepCaPeer implements AutoCloseable {
    private static final long LONGEST_SECONDS = 60;

    private final Process process;
    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch readyOrEnded = new CountDownLatch(1);

    private StepCaPeer(Process process) {
        this.process = process;
    }

    /** The step-ca that ./run built; a failure when there is none. */
    static String program() {
        String program = System.getenv("CHANCERY_STEP_CA");
        if (program == null || !Files.isExecutable(Path.of(program))) {
            throw new IllegalStateException("no step-ca: run the tests by ./run test, which builds it");
        }
        return program;
    }

    /** Returns when it serves. */
    static StepCaPeer start(Path stepPath, String passwordFile) throws IOException, InterruptedException {
        return start(stepPath, passwordFile, Map.of());
    }

    /** With more in its environment, as what its PKCS#11 library reads. */
    static StepCaPeer start(Path stepPath, String passwordFile, Map<String, String> environment)
            throws IOException, InterruptedException {
        return start(
                stepPath,
                environment,
                program(),
                stepPath.resolve("config/ca.json").toString(),
                "--password-file",
                passwordFile);
    }

    /**
     * The same code of step-ca in a program of its own, which gives provisioners policies: no file of step-ca can.
     *
     * @param policies the file that has them by name
     */
    static StepCaPeer startWithPolicies(Path stepPath, String passwordFile, Path policies)
            throws IOException, InterruptedException {
        return start(
                stepPath,
                Map.of(),
                GoProgram.built("stepcapolicy"),
                stepPath.resolve("config/ca.json").toString(),
                passwordFile,
                policies.toString());
    }

    private static StepCaPeer start(Path stepPath, Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        builder.environment().put("STEPPATH", stepPath.toString());
        builder.environment().putAll(environment);
        StepCaPeer peer = new StepCaPeer(builder.start());
        // Whatever becomes of the test, the process is not left behind.
        Runtime.getRuntime().addShutdownHook(new Thread(peer.process::destroyForcibly, "step-ca-kill"));
        Thread reader = new Thread(peer::read, "step-ca-output");
        reader.setDaemon(true);
        reader.start();
        if (!peer.readyOrEnded.await(LONGEST_SECONDS, TimeUnit.SECONDS) || !peer.process.isAlive()) {
            peer.process.destroyForcibly().waitFor();
            throw new IllegalStateException("step-ca does not start: " + peer.lines);
        }
        return peer;
    }

    private void read() {
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                lines.add(line);
                if (line.contains("Serving HTTPS on")) {
                    readyOrEnded.countDown();
                }
            }
        } catch (IOException e) {
            lines.add("(output ended: " + e.getMessage() + ")");
        }
        readyOrEnded.countDown();
    }

    /** The end of what it printed, to explain a difference. */
    List<String> lastLines(int count) {
        synchronized (lines) {
            return List.copyOf(lines.subList(Math.max(0, lines.size() - count), lines.size()));
        }
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
