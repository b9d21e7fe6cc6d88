package io.chancery.signer.key;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts a Java of its own that opens the key and signs once: first when the key has been away for a second, then four
 * times a minute. What it learns is acted on when this process has gone on failing for two seconds, so that an HSM which
 * came back for both costs nobody a restart. Of one thread, but for the probe's own.
 */
final class FreshProcessProbe implements FreshProcess {
    private static final Logger LOG = LoggerFactory.getLogger(FreshProcessProbe.class);
    private static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final long TO_SEE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long LONGEST_SECONDS = 12;

    private final Supplier<byte[]> request;
    private final Runnable helps;
    private volatile boolean running;
    /** When a fresh process signed; 0 when none has. */
    private volatile long signed;

    /** The signature that was last asked for. */
    private long told;

    private long last;
    private boolean asked;

    /**
     * @param request makes what {@link KeyProbeMain} reads from its input; it is wiped after use
     * @param helps run when a fresh process can sign and this one still cannot
     */
    FreshProcessProbe(Supplier<byte[]> request, Runnable helps) {
        this.request = request;
        this.helps = helps;
    }

    @Override
    public void stillAway(Duration away) {
        long now = System.nanoTime();
        long since = signed;
        if (since != 0 && now - away.toNanos() - since > 0) {
            signed = 0; // that was about an earlier loss
            asked = false;
        } else if (since != 0) {
            if (now - since >= TO_SEE_NANOS) {
                signed = 0;
                LOG.atError().log("a fresh process can use the signing key, this one cannot");
                helps.run();
            }
            return;
        }
        boolean due = asked ? now - last >= AGAIN_NANOS : away.toNanos() >= FIRST_NANOS;
        if (due && !running) {
            asked = true;
            last = now;
            running = true;
            Thread thread = new Thread(this::probe, "hsm-fresh-process");
            thread.setDaemon(true);
            thread.start();
        }
    }

    @Override
    public boolean hasSigned(Duration away) {
        long since = signed;
        boolean news = since != 0 && since != told && System.nanoTime() - away.toNanos() - since <= 0;
        told = news ? since : told;
        return news;
    }

    private void probe() {
        try {
            signed = run() ? System.nanoTime() | 1 : 0;
        } catch (IOException | RuntimeException e) {
            LOG.atWarn().addKeyValue("reason", e.toString()).log("no fresh process could be asked for a signature");
        } finally {
            running = false;
        }
    }

    private boolean run() throws IOException {
        Process process = new ProcessBuilder(command())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        byte[] question = request.get();
        try (OutputStream in = process.getOutputStream()) {
            in.write(question);
        } catch (IOException e) {
            LOG.atDebug().log("it ended before it had read its question");
        } finally {
            Arrays.fill(question, (byte) 0); // the PIN is in it
        }
        try {
            return process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS) && process.exitValue() == KeyProbeMain.SIGNED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            Process unused = process.destroyForcibly();
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
