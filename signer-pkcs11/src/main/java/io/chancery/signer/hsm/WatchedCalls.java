package io.chancery.signer.hsm;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Calls into one library. PKCS#11 knows no time limits: so each runs on a thread {@code hsm-call-…} of its own, and
 * whoever waits for it goes away when its time is up. The thread is left behind then; while {@value #MOST_ABANDONED} or
 * more are, nothing else is called. Any thread; what is said to block does so for the limit given at most.
 */
final class WatchedCalls {
    /** Calls left behind in a library that gets no more of them. */
    static final int MOST_ABANDONED = 2;

    private static final AtomicInteger THREADS = new AtomicInteger();
    private static final long IDLE_SECONDS = 10;
    private static final long LONGEST_ANSWER_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** What a call is for. */
    enum Purpose {
        USE,
        /** May try a PIN: no other one is made while it is not known what became of it. */
        OPEN,
        /** Made by whoever holds all others back; they go on when it has ended. */
        RESTART
    }

    private final String path;
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), run -> {
                Thread thread = new Thread(run, "hsm-call-" + THREADS.incrementAndGet());
                thread.setDaemon(true);
                return thread;
            });

    private int underWay;
    private int abandoned;
    private boolean heldBack;
    /** Whether the RESTART that holds all others back was left behind: it might never end. */
    private boolean restartLeft;
    /** Openings that were left behind and have not ended since. */
    private int unanswered;
    /** When the last of them was, by {@link System#nanoTime()}. */
    private long unansweredSince;

    /** @param path of the library, for messages */
    WatchedCalls(String path) {
        this.path = path;
    }

    /** Calls that did not end in time and have not ended since. Never waits. */
    synchronized int abandoned() {
        return abandoned;
    }

    /** Whether no call is made until one that hangs has ended. Never waits. */
    synchronized boolean spent() {
        return restartLeft || abandoned >= MOST_ABANDONED;
    }

    /**
     * Whether an opening was left behind whose PIN may be refused yet: after half a minute no HSM will, and it hangs.
     * Never waits.
     */
    synchronized boolean awaitsAnswer() {
        return unanswered > 0 && System.nanoTime() - unansweredSince < LONGEST_ANSWER_NANOS;
    }

    /** Refuses new calls until a RESTART has ended, if none is under way, and the rest is so as well. Never waits. */
    synchronized boolean holdBackWhenIdle(BooleanSupplier rest) {
        if (heldBack || underWay > 0 || !rest.getAsBoolean()) {
            return false;
        }
        heldBack = true;
        return true;
    }

    /** Refuses new calls until a RESTART has ended; not while one is left behind, which might never end. Never waits. */
    synchronized boolean holdBack() {
        if (heldBack || abandoned > 0) {
            return false;
        }
        heldBack = true;
        return true;
    }

    /**
     * After {@link #holdBack}, waits until those under way have ended; if they do not, or the rest is not so by then, new
     * ones are made again. Blocks.
     */
    synchronized boolean awaitIdle(Duration limit, BooleanSupplier rest) {
        long end = System.nanoTime() + limit.toNanos();
        try {
            for (long left = limit.toMillis(); underWay > 0 && left > 0; ) {
                wait(left);
                left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        heldBack = underWay == 0 && rest.getAsBoolean();
        return heldBack;
    }

    /**
     * Makes the call, and waits for its outcome. Blocks.
     *
     * @param begins run before the call, on the thread that waits for it, if it is made at all. Does not fail
     * @param unheard gets what came of it after all, when nobody waits for it any more, and the call counts as ended:
     *     what it does with the library is a call of its own. On the thread of the call or on the one that waited for it
     * @throws HsmException as the call, HUNG, or LOST when it fails in any other way or is not made now
     */
    <T> T run(
            Purpose purpose,
            String what,
            Duration limit,
            Runnable begins,
            Callable<T> call,
            Consumer<? super T> unheard) {
        WatchedCall<T> watched = new WatchedCall<>(purpose, call, unheard);
        begin(purpose);
        begins.run();
        try {
            threads.execute(watched);
        } catch (RuntimeException | Error e) {
            boolean unused = watched.endsUnheard(); // there was no thread for it
            throw e;
        }
        return outcome(watched, what, limit);
    }

    /** In one step: between a look and the count, the library could be started again. */
    private synchronized void begin(Purpose purpose) {
        if (restartLeft) {
            throw new HsmException(HsmException.Kind.HUNG, "the start of the library " + path + " hangs", null);
        }
        if (heldBack && purpose != Purpose.RESTART) {
            throw new HsmException(HsmException.Kind.BUSY, "the library " + path + " is being started again", null);
        }
        if (abandoned >= MOST_ABANDONED) {
            throw new HsmException(
                    HsmException.Kind.HUNG, abandoned + " calls into the library " + path + " hang", null);
        }
        if (purpose == Purpose.OPEN && unanswered > 0) {
            throw new HsmException(HsmException.Kind.LOST, "the HSM has not answered the last login yet", null);
        }
        underWay++;
    }

    private static <T> T outcome(WatchedCalls.WatchedCall<T> watched, String what, Duration limit) {
        try {
            return watched.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw unwrapped(what, e);
        } catch (TimeoutException e) {
            watched.abandon();
            throw new HsmException(
                    HsmException.Kind.HUNG, what + ": no answer from the HSM within " + limit.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            watched.abandon();
            Thread.currentThread().interrupt();
            throw new HsmException(HsmException.Kind.LOST, what + ": interrupted", e);
        }
    }

    private static HsmException unwrapped(String what, ExecutionException failure) {
        return failure.getCause() instanceof HsmException known ? known : HsmException.of(what + " failed", failure);
    }

    /** Knows whether somebody still waits for it. */
    private final class WatchedCall<T> extends FutureTask<T> {
        private final Purpose purpose;
        private final Consumer<? super T> unheard;
        private boolean left;
        private boolean ended;
        private Optional<T> outcome = Optional.empty();

        WatchedCall(Purpose purpose, Callable<T> call, Consumer<? super T> unheard) {
            super(call);
            this.purpose = purpose;
            this.unheard = unheard;
        }

        /** Before the FutureTask's own end: whoever has the outcome must find the call counted as ended. */
        @Override
        protected void set(T result) {
            outcome = Optional.of(result);
            if (endsUnheard()) {
                unheard.accept(result);
            }
            super.set(result);
        }

        @Override
        protected void setException(Throwable failure) {
            boolean unused = endsUnheard();
            super.setException(failure);
        }

        private boolean endsUnheard() {
            synchronized (WatchedCalls.this) {
                ended = true;
                underWay--;
                WatchedCalls.this.notifyAll();
                heldBack &= purpose != Purpose.RESTART;
                restartLeft &= purpose != Purpose.RESTART;
                unanswered -= left && purpose == Purpose.OPEN ? 1 : 0;
                abandoned -= left ? 1 : 0;
                return left;
            }
        }

        void abandon() {
            synchronized (WatchedCalls.this) {
                if (!ended) {
                    left = true;
                    abandoned++;
                    restartLeft |= purpose == Purpose.RESTART;
                    if (purpose == Purpose.OPEN) {
                        unanswered++;
                        unansweredSince = System.nanoTime();
                    }
                    return;
                }
            }
            // It ended in this very moment.
            outcome.ifPresent(unheard);
        }
    }
}
