package io.chancery.signer.key;

import io.chancery.cluster.signers.TokenTurns;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Java of its own that opens the key and signs once: {@link KeyProbeMain}. When it comes to its login it gets a turn at
 * the token as this process would, so that a PIN which another node was refused is not tried by it either. Blocks for 40 seconds at most, one thread at a
 * time; false when it could not sign, or could not be started.
 */
final class KeyProbeProcess implements BooleanSupplier {
    private static final Logger LOG = LoggerFactory.getLogger(KeyProbeProcess.class);
    /** It ends by itself as long after its start, which on a busy machine takes as long again. */
    private static final long LONGEST_SECONDS = 2 * KeyProbeMain.LONGEST_SECONDS;
    /** For its last words: what the library has started may hold the pipe for longer. */
    private static final long LAST_WORDS_MILLIS = 500;

    private final Supplier<byte[]> request;
    private final TokenTurns turns;
    /** Why the last one could not sign; empty when it could. */
    private volatile String failure = "";

    /** @param request makes what {@link KeyProbeMain} reads from its input; it is wiped after use */
    KeyProbeProcess(Supplier<byte[]> request, TokenTurns turns) {
        this.request = request;
        this.turns = turns;
    }

    @Override
    public boolean getAsBoolean() {
        try {
            return run();
        } catch (IOException | RuntimeException e) {
            LOG.atWarn().addKeyValue("reason", e.toString()).log("no fresh process could be asked for a signature");
            return false;
        }
    }

    private boolean run() throws IOException {
        Process process = new ProcessBuilder(command())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        OutputStream in = process.getOutputStream();
        try (LentTurns lent = new LentTurns(turns, process.getInputStream(), in)) {
            send(in);
            // On a thread of its own: what the library has started may hold the pipe longer than the process lives.
            Thread server = new Thread(lent::serve, "hsm-fresh-process-turns");
            server.setDaemon(true);
            server.start();
            boolean ended = process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS);
            if (ended && process.exitValue() == KeyProbeMain.SIGNED) {
                failure = "";
                return true;
            }
            server.join(LAST_WORDS_MILLIS);
            failed(ended ? whyNot(process.exitValue(), lent) : "it did not end within " + LONGEST_SECONDS + " s");
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            Process unused = process.destroyForcibly(); // which closes the pipes
        }
    }

    private static String whyNot(int code, LentTurns lent) {
        String why = code == KeyProbeMain.TOO_LATE
                ? "it ran out of its " + KeyProbeMain.LONGEST_SECONDS + " s"
                : lent.reason().orElse("it did not say why");
        return why + " (exit code " + code + ")";
    }

    /** At each change: an HSM that is away fails four processes a minute. */
    private void failed(String why) {
        if (!why.equals(failure)) {
            LOG.atWarn().addKeyValue("reason", why).log("a fresh process could not sign");
        }
        failure = why;
    }

    /** Why the last process could not sign; empty when it could, or none was asked. */
    String failure() {
        return failure;
    }

    private void send(OutputStream in) {
        byte[] question = request.get();
        try {
            in.write(question);
            in.flush();
        } catch (IOException e) {
            LOG.atDebug().log("it ended before it had read its question");
        } finally {
            Arrays.fill(question, (byte) 0); // the PIN is in it
        }
    }

    /** The same Java, with the same libraries and flags; the question goes by its input, since it holds the PIN. */
    private static List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current()
                .info()
                .command()
                .orElse(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        for (String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (argument.startsWith("--add-exports") || argument.startsWith("--add-opens")) {
                command.add(argument);
            }
        }
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx64m"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), KeyProbeMain.class.getName()));
        return command;
    }
}
