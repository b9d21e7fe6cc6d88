package io.chancery.signer.key;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a fresh process open the key and sign once: first when the key has been away for a second, then after pauses that grow
 * from one second to fifteen. What it learns is acted on when this process has gone on failing for another second, so that an HSM
 * which came back for both costs nobody a restart. Of one thread, but for the probe's own.
 */
final class FreshProcessProbe implements FreshProcess {
    private static final Logger LOG = LoggerFactory.getLogger(FreshProcessProbe.class);
    private static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** An HSM that is back after a few seconds is found soon; one that is away for long costs four processes a minute. */
    private static final long SHORTEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final long TO_SEE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final BooleanSupplier process;
    private final Runnable helps;
    private final Executor thread;
    private final LongSupplier nanoTime;
    private volatile boolean running;
    /** Whether the last one signed, and nothing has come of it yet. */
    private volatile boolean signed;
    /** When the last one was started: what it found is of what was lost before that. */
    private volatile long started;
    /** When the last one ended. */
    private volatile long ended;
    /** After the last one; 0 when there was none since the key was lost. */
    private long pause;
    /** Whether somebody has been told of the last one's signature. */
    private volatile boolean told;

    /**
     * @param process opens the key and signs in a process of its own; blocks; whether it could
     * @param helps run when a fresh process can sign and this one still cannot
     */
    FreshProcessProbe(BooleanSupplier process, Runnable helps) {
        this(process, helps, FreshProcessProbe::start, System::nanoTime);
    }

    FreshProcessProbe(BooleanSupplier process, Runnable helps, Executor thread, LongSupplier nanoTime) {
        this.process = process;
        this.helps = helps;
        this.thread = thread;
        this.nanoTime = nanoTime;
    }

    private static void start(Runnable probe) {
        Thread thread = new Thread(probe, "hsm-fresh-process");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void stillAway(Duration away) {
        if (running) {
            return;
        }
        long now = nanoTime.getAsLong();
        if (pause != 0 && isOfAnEarlierLoss(now, away)) {
            pause = 0;
            signed = false;
        }
        long since = now - ended;
        if (signed) {
            if (since >= TO_SEE_NANOS) {
                signed = false;
                LOG.atError().log("a fresh process can use the signing key, this one cannot");
                helps.run();
            }
        } else if (pause == 0 ? away.toNanos() >= FIRST_NANOS : since >= pause) {
            pause = pause == 0 ? SHORTEST_PAUSE_NANOS : Math.min(2 * pause, LONGEST_PAUSE_NANOS);
            start();
        }
    }

    /** It may have signed before the key was lost once more, and have ended after that. */
    private boolean isOfAnEarlierLoss(long now, Duration away) {
        return now - away.toNanos() - started > 0;
    }

    private void start() {
        running = true;
        started = nanoTime.getAsLong();
        try {
            thread.execute(this::probe);
        } catch (RuntimeException | Error e) {
            ended = nanoTime.getAsLong();
            running = false;
            throw e;
        }
    }

    @Override
    public boolean hasSigned(Duration away) {
        if (running || !signed || told || isOfAnEarlierLoss(nanoTime.getAsLong(), away)) {
            return false;
        }
        told = true;
        return true;
    }

    private void probe() {
        boolean could = false;
        try {
            could = process.getAsBoolean();
        } finally {
            signed = could;
            told = false;
            ended = nanoTime.getAsLong();
            running = false; // last of all: the other thread looks at nothing before
        }
    }
}
