package io.chancery.conformance;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a command to its end, in a given environment. */
final class Commands {
    static final long LONGEST_SECONDS = 180;

    private Commands() {}

    /** The step client that ./run built; a failure when there is none. */
    static String step() {
        String step = System.getenv("CHANCERY_STEP");
        if (step == null || !Files.isExecutable(Path.of(step))) {
            throw new IllegalStateException("no step client: run the tests by ./run test, which builds it");
        }
        return step;
    }

    /** With this environment added to the test's own. */
    static Result run(Path folder, Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(List.of(command)));
        builder.environment().putAll(environment);
        return run(folder, builder);
    }

    /** With this environment and nothing else. */
    static Result runIn(Path folder, Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(List.of(command)));
        builder.environment().clear();
        builder.environment().putAll(environment);
        return run(folder, builder);
    }

    private static Result run(Path folder, ProcessBuilder builder) throws IOException, InterruptedException {
        File output = Files.createTempFile(folder, "output", ".txt").toFile();
        Process process = builder.directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .start();
        if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException("took longer than three minutes: " + builder.command());
        }
        return new Result(process.exitValue(), Files.readString(output.toPath(), StandardCharsets.UTF_8));
    }

    /** Exit code, and standard output and error together. */
    record Result(int exitCode, String output) {
        Result succeeded() {
            if (exitCode != 0) {
                throw new AssertionError("exit code " + exitCode + ": " + output);
            }
            return this;
        }
    }
}
