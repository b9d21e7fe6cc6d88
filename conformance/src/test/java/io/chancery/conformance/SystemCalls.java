package io.chancery.conformance;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Watches the system calls of a running process by strace, and bends some of them: makes them fail, last longer, or be
 * its last. Fails where strace may not look into another process.
 */
final class SystemCalls implements AutoCloseable {
    private static final long LONGEST_SECONDS = 60;

    private final Process strace;
    private final StringBuilder text = new StringBuilder();
    private boolean ended;

    private SystemCalls(Process strace) {
        this.strace = strace;
    }

    /** @param options of strace, such as {@code -P FILE} or {@code -e inject=…}; all threads are followed */
    static SystemCalls of(ChanceryProcess process, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("strace", "-f", "-ttt", "-y"));
        command.addAll(List.of(options));
        command.addAll(List.of("-p", Long.toString(process.pid())));
        SystemCalls calls;
        try {
            calls = new SystemCalls(
                    new ProcessBuilder(command).redirectErrorStream(true).start());
        } catch (IOException e) {
            throw new AssertionError("strace is not installed: apt-get install strace", e);
        }
        Thread reader = new Thread(calls::read, "strace-output");
        reader.setDaemon(true);
        reader.start();
        if (!calls.shows("attached", 0)) {
            throw new AssertionError("strace may not look into another process: run the tests as root, or allow it by"
                    + " sysctl kernel.yama.ptrace_scope=0 and, in a container, --cap-add SYS_PTRACE. It says: "
                    + calls.text());
        }
        return calls;
    }

    private void read() {
        char[] buffer = new char[8192];
        try (Reader output = new InputStreamReader(strace.getInputStream(), StandardCharsets.UTF_8)) {
            for (int count = output.read(buffer); count >= 0; count = output.read(buffer)) {
                synchronized (text) {
                    text.append(buffer, 0, count);
                    text.notifyAll();
                }
            }
        } catch (IOException e) {
            // It was ended.
        }
        synchronized (text) {
            ended = true;
            text.notifyAll();
        }
    }

    /** Waits until the part from a place on shows the words; answers the place after them. */
    int await(String words, int from) throws InterruptedException {
        if (!shows(words, from)) {
            throw new AssertionError("no \"" + words + "\" in: " + text().substring(from));
        }
        synchronized (text) {
            return text.indexOf(words, from) + words.length();
        }
    }

    /** As above, or until the other thing has ended, well or not: whether it showed them. */
    boolean awaitUnlessEnded(String words, int from, CompletableFuture<?> other) throws InterruptedException {
        CompletableFuture<?> unused = other.whenComplete((result, failure) -> {
            synchronized (text) {
                text.notifyAll();
            }
        });
        if (!shows(words, from, other::isDone) && !other.isDone()) {
            throw new AssertionError("no \"" + words + "\" in: " + text().substring(from));
        }
        synchronized (text) {
            return text.indexOf(words, from) >= 0;
        }
    }

    private boolean shows(String words, int from) throws InterruptedException {
        return shows(words, from, () -> false);
    }

    private boolean shows(String words, int from, BooleanSupplier over) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
        synchronized (text) {
            while (text.indexOf(words, from) < 0) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0 || ended || over.getAsBoolean()) {
                    return false;
                }
                text.wait(left);
            }
            return true;
        }
    }

    /** All that was seen until now; a call under way stands there without its end. */
    String text() {
        synchronized (text) {
            return text.toString();
        }
    }

    /** Lets the process go on unharmed. */
    @Override
    public void close() throws InterruptedException {
        strace.destroy();
        if (!strace.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
            strace.destroyForcibly().waitFor();
        }
    }
}
