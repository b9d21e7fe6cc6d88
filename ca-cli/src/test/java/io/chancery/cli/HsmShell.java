package io.chancery.cli;

import io.chancery.softhsm.SoftHsmToken;
import io.chancery.testing.MutableInstantSource;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Types {@code chancery hsm …} in this JVM. */
final class HsmShell {
    static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    private final SoftHsmToken token;

    HsmShell(SoftHsmToken token) {
        this.token = token;
    }

    /**
     * @param out standard output
     * @param err standard error
     */
    record Result(int exitCode, String out, String err) {}

    static Result run(String... arguments) {
        return at(NOW, arguments);
    }

    static Result at(Instant now, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(
                new Surroundings(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        new MutableInstantSource(now),
                        new SecureRandom(),
                        new ProcessEnd()),
                arguments);
        return new Result(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** With the token and a key of that label. */
    Result hsm(String verb, String label, String... more) {
        List<String> words = new ArrayList<>(List.of("hsm", verb, "--kms", token.uri(label)));
        words.addAll(List.of(more));
        return run(words.toArray(String[]::new));
    }

    /** As above; a failure of the test when it does not succeed. */
    String done(String verb, String label, String... more) {
        Result result = hsm(verb, label, more);
        if (result.exitCode() != 0) {
            throw new AssertionError("exit code " + result.exitCode() + ": " + result.err() + result.out());
        }
        return result.out();
    }
}
