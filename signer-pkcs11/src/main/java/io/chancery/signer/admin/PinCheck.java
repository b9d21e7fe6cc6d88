package io.chancery.signer.admin;

import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Whether a token takes a PIN, asked in a process of its own: in one where somebody is logged in, a library takes any.
 * The PIN is tried once, and goes to that process by a pipe.
 */
public final class PinCheck {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int MAX_ANSWER = 4096;

    private PinCheck() {}

    /** What came of it. */
    public enum Verdict {
        ACCEPTED,
        /** The token counted a wrong PIN. */
        REFUSED,
        /** It could not be tried. */
        UNKNOWN,
        /** It may have been tried, and a wrong one counted. */
        UNANSWERED
    }

    /**
     * @param text why, in the library's words; empty when accepted
     */
    public record Result(Verdict verdict, String text) {}

    /** Blocks for as long as a process takes to start and log in; 30 seconds at most. */
    public static Result run(Pkcs11Uri uri, Secret pin) {
        return run(uri, pin, Map.of());
    }

    /** As above, with more in its environment: a library may find another set of tokens there. */
    public static Result run(Pkcs11Uri uri, Secret pin, Map<String, String> environment) {
        return run(uri, pin, environment, LIMIT);
    }

    static Result run(Pkcs11Uri uri, Secret pin, Map<String, String> environment, Duration limit) {
        Process child = null;
        try {
            ProcessBuilder builder = new ProcessBuilder(command()).redirectErrorStream(true);
            builder.environment().putAll(environment);
            child = builder.start();
            try (OutputStream in = child.getOutputStream()) {
                in.write((uri + "\n").getBytes(StandardCharsets.UTF_8));
                byte[] octets = pin.utf8();
                try {
                    in.write(octets);
                } finally {
                    Arrays.fill(octets, (byte) 0);
                }
            }
            if (!child.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                return new Result(Verdict.UNANSWERED, "the library gave no answer within " + limit.toSeconds() + " s");
            }
            String text = new String(child.getInputStream().readNBytes(MAX_ANSWER), StandardCharsets.UTF_8).strip();
            return switch (child.exitValue()) {
                case PinCheckMain.ACCEPTED -> new Result(Verdict.ACCEPTED, "");
                case PinCheckMain.REFUSED -> new Result(Verdict.REFUSED, text);
                default -> new Result(Verdict.UNKNOWN, text);
            };
        } catch (IOException e) {
            return new Result(Verdict.UNKNOWN, "no process could be started for it: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Result(Verdict.UNKNOWN, "interrupted");
        } finally {
            if (child != null) {
                child.destroyForcibly();
            }
        }
    }

    private static List<String> command() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--add-exports",
                "jdk.crypto.cryptoki/sun.security.pkcs11.wrapper=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                PinCheckMain.class.getName());
    }
}
