package io.chancery.cli;

import ch.qos.logback.classic.LoggerContext;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done when the process ends, by a signal or by itself: what runs is stopped, the last one first, and then the
 * log is written out, since its lines are written by a thread of their own. Any thread.
 */
public final class ProcessEnd {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessEnd.class);

    private final Deque<AutoCloseable> running = new ConcurrentLinkedDeque<>();

    /** Has it stopped before the process ends; its close takes as long as it needs. */
    public void stopBefore(AutoCloseable part) {
        running.push(part);
    }

    /** To be called once, when the process starts. */
    void register() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::run, "stop"));
    }

    private void run() {
        for (AutoCloseable part : running) {
            try {
                part.close();
            } catch (Exception e) {
                LOG.atError().setCause(e).log("a part of the process did not stop cleanly");
            }
        }
        ILoggerFactory logs = LoggerFactory.getILoggerFactory();
        if (logs instanceof LoggerContext context) {
            context.stop();
        }
    }
}
