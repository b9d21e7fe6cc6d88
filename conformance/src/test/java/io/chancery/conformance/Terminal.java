package io.chancery.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A command on a terminal of its own, and somebody who waits for what it asks before typing. */
final class Terminal implements AutoCloseable {
    private static final long LONGEST_SECONDS = 60;

    private final Process process;
    private final StringBuilder shown = new StringBuilder();
    private int read;
    private boolean ended;

    private Terminal(Process process) {
        this.process = process;
    }

    /** @param command words without blanks and quotes: a shell reads them */
    static Terminal start(Path folder, Map<String, String> environment, String... command) throws IOException {
        // Where the tests run in a shell's background, what they start would be deaf to Ctrl-C.
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        "env",
                        "--default-signal=INT",
                        "script",
                        "--quiet",
                        "--return",
                        "--command",
                        String.join(" ", command),
                        "/dev/null"))
                .directory(folder.toFile())
                .redirectErrorStream(true);
        builder.environment().putAll(environment);
        Terminal terminal = new Terminal(builder.start());
        // Whatever becomes of the test, the process is not left behind.
        Runtime.getRuntime().addShutdownHook(new Thread(terminal::close, "terminal-kill"));
        Thread reader = new Thread(terminal::read, "terminal-output");
        reader.setDaemon(true);
        reader.start();
        return terminal;
    }

    private void read() {
        try (InputStream output = process.getInputStream()) {
            byte[] some = new byte[4096];
            for (int length = output.read(some); length >= 0; length = output.read(some)) {
                add(new String(some, 0, length, StandardCharsets.ISO_8859_1)); // what is waited for is ASCII
            }
        } catch (IOException e) {
            add("(output ended: " + e.getMessage() + ")");
        }
        synchronized (shown) {
            ended = true;
            shown.notifyAll();
        }
    }

    private void add(String text) {
        synchronized (shown) {
            shown.append(text);
            shown.notifyAll();
        }
    }

    /** Waits until this text has appeared behind what was answered or read before, and types the answer and Enter. */
    void answer(String question, String answer) throws IOException, InterruptedException {
        synchronized (shown) {
            int unused = await(question, read);
            read = shown.length();
        }
        type(answer + "\r");
    }

    /** Waits until a line with this text has appeared behind what was answered or read before; what follows the text there. */
    String line(String text) throws InterruptedException {
        synchronized (shown) {
            int at = await(text, read) + text.length();
            read = await("\n", at);
            return shown.substring(at, read).strip();
        }
    }

    /** Ctrl-C. */
    void interrupt() throws IOException {
        type("\u0003");
    }

    private void type(String keys) throws IOException {
        OutputStream keyboard = process.getOutputStream();
        keyboard.write(keys.getBytes(StandardCharsets.US_ASCII));
        keyboard.flush();
    }

    /** Where the text stands; to be called by who holds what is shown. */
    private int await(String text, int from) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
        int at = shown.indexOf(text, from);
        while (at < 0) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0 || ended) {
                throw new AssertionError("no \"" + text + "\" but: " + shown.substring(from));
            }
            shown.wait(left);
            at = shown.indexOf(text, from);
        }
        return at;
    }

    /** Waits for its end; all that it has shown. */
    Commands.Result end() throws InterruptedException {
        if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("has not ended: " + shown);
        }
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
        synchronized (shown) {
            while (!ended) {
                long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
                if (left <= 0) {
                    throw new AssertionError("somebody keeps its output open: " + shown);
                }
                shown.wait(left);
            }
            return new Commands.Result(process.exitValue(), shown.toString());
        }
    }

    /** With what runs in it: to a terminal that goes away a CA answers by reading its configuration again. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
