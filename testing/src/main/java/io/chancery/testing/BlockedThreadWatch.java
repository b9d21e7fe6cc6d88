package io.chancery.testing;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import ch.qos.logback.core.AppenderBase;
import io.vertx.core.internal.threadchecker.BlockedThreadChecker;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/**
 * Fails the test during which an event loop stood still. Registered by itself for every test that has this module on its
 * classpath; the limit, 200 ms, stands in vertx-options.json. A loop that waits (for a lock, a socket, a file or what is
 * known of one) fails at the limit; one that computes has five seconds, as a machine with more to do than it has processors may let any thread
 * stand for a while.
 */
public final class BlockedThreadWatch implements BeforeAllCallback, AfterEachCallback {
    private static final long COMPUTING_MILLIS = 5_000;
    private static final Pattern BLOCKED_FOR = Pattern.compile("has been blocked for (\\d+) ms");
    private static final List<String> WAITING = List.of(
            "java.lang.Object.wait",
            "java.lang.Thread.sleep",
            "jdk.internal.misc.Unsafe.park",
            "sun.nio.ch.Net.poll",
            "sun.nio.ch.FileDispatcherImpl",
            "sun.nio.ch.UnixFileDispatcherImpl",
            "sun.nio.fs.UnixNativeDispatcher",
            "sun.nio.fs.LinuxNativeDispatcher",
            "java.io.UnixFileSystem",
            "java.io.FileInputStream",
            "java.io.FileOutputStream",
            "java.io.RandomAccessFile",
            "java.net.",
            "java.lang.ProcessImpl",
            "org.sqlite.core.NativeDB",
            "sun.security.pkcs11.wrapper");
    private static final List<String> LOOPS_OWN = List.of("io.vertx.", "io.netty.");
    private static final Recorder RECORDER = Recorder.install();

    @Override
    public void beforeAll(ExtensionContext context) {
        RECORDER.blocked.clear();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        List<String> found = drain();
        if (!found.isEmpty()) {
            throw new AssertionError("an event loop was blocked: " + found);
        }
    }

    /** What has been reported since the last call. */
    static List<String> drain() {
        List<String> found = List.copyOf(RECORDER.blocked);
        RECORDER.blocked.clear();
        return found;
    }

    /** Whether a report of Vert.x is one that fails a test. */
    static boolean fails(String message, List<String> frames) {
        return fails(message, frames, COMPUTING_MILLIS);
    }

    /** As above, of a thread that may have been seen at the entry of a synchronized block that another one held. */
    static boolean fails(String message, List<String> frames, boolean atMonitor) {
        // The library's loops meet at monitors of its own while they deploy, and hold them no longer than they run.
        boolean itsOwn = !frames.isEmpty() && LOOPS_OWN.stream().anyMatch(frames.get(0)::startsWith);
        return fails(message, frames) || (atMonitor && !itsOwn && !loadsAClass(frames));
    }

    /**
     * As above, with another limit for a loop that computes.
     *
     * @param frames class and method of each, the innermost first
     */
    public static boolean fails(String message, List<String> frames, long computingMillis) {
        Matcher blockedFor = BLOCKED_FOR.matcher(message);
        boolean tooLong = blockedFor.find() && Long.parseLong(blockedFor.group(1)) >= computingMillis;
        return tooLong || waits(frames);
    }

    private static boolean waits(List<String> frames) {
        if (frames.isEmpty()) {
            return false;
        }
        // A loop's sockets never block: one that stands in such a call was merely not given the processor.
        boolean atSocket = frames.size() > 1 && frames.get(1).startsWith("sun.nio.ch.SocketDispatcher");
        return !atSocket && !loadsAClass(frames) && WAITING.stream().anyMatch(frames.get(0)::startsWith);
    }

    /** A class is read from its jar, and made ready, once; who does it is a matter of the tests' order. */
    private static boolean loadsAClass(List<String> frames) {
        return frames.stream()
                .anyMatch(frame -> frame.startsWith("jdk.internal.loader.") || frame.endsWith(".<clinit>"));
    }

    /** Whether a thread with the name in the report still stands there, waiting for a monitor. */
    private static boolean atMonitor(String message, List<String> frames) {
        return !frames.isEmpty()
                && Thread.getAllStackTraces().entrySet().stream()
                        .filter(each -> each.getKey().getState() == Thread.State.BLOCKED
                                && message.contains("Thread " + each.getKey().getName() + " has "))
                        .map(each -> names(each.getValue()))
                        // Where it stands; further down, newer JDKs show frames in the one that the other lacks.
                        .anyMatch(now -> !now.isEmpty() && now.get(0).equals(frames.get(0)));
    }

    private static List<String> names(StackTraceElement[] frames) {
        return Arrays.stream(frames)
                .map(frame -> frame.getClassName() + "." + frame.getMethodName())
                .toList();
    }

    private static final class Recorder extends AppenderBase<ILoggingEvent> {
        private final Queue<String> blocked = new ConcurrentLinkedQueue<>();

        static Recorder install() {
            Recorder recorder = new Recorder();
            Logger logger = (Logger) LoggerFactory.getLogger(BlockedThreadChecker.LOGGER_NAME);
            recorder.setContext(logger.getLoggerContext());
            recorder.start();
            logger.addAppender(recorder);
            return recorder;
        }

        @Override
        protected void append(ILoggingEvent event) {
            List<String> frames = event.getThrowableProxy() == null
                    ? List.of()
                    : names(Arrays.stream(event.getThrowableProxy().getStackTraceElementProxyArray())
                            .map(StackTraceElementProxy::getStackTraceElement)
                            .toArray(StackTraceElement[]::new));
            String message = event.getFormattedMessage();
            // Reported by the thread that watches, while the loop still stands.
            if (message.contains("vert.x-eventloop") && fails(message, frames, atMonitor(message, frames))) {
                blocked.add(message + frames.stream().limit(12).toList());
            }
        }
    }
}
