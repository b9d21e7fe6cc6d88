package io.chancery.signer.hsm;

import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.secret.Secret;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PKCS#11 library in this process, one object for each. PKCS#11 knows no time limits: so every call runs on a thread
 * {@code hsm-call-…} of its own, and whoever waits for it goes away when its time is up. The thread is left behind then;
 * while {@value #MOST_ABANDONED} or more are, nothing else is called. Any thread; what is said to block does so for the
 * limit given at most.
 */
public final class HsmLibrary {
    /** Calls left behind in a library that gets no more of them. */
    public static final int MOST_ABANDONED = 2;

    private static final Logger LOG = LoggerFactory.getLogger(HsmLibrary.class);
    private static final Map<String, HsmLibrary> LIBRARIES = new ConcurrentHashMap<>();
    private static final AtomicInteger THREADS = new AtomicInteger();
    private static final long IDLE_SECONDS = 10;
    private static final long LONGEST_ANSWER_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final String path;
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), run -> {
                Thread thread = new Thread(run, "hsm-call-" + THREADS.incrementAndGet());
                thread.setDaemon(true);
                return thread;
            });

    /** Keys whose sessions nobody has asked to close; nothing is started again under them. */
    private final Map<TokenKey, Opening> inUse = new ConcurrentHashMap<>();
    /** Keys whose sessions are still to be closed: later they might have the numbers of new ones. */
    private final Set<TokenKey> leftOver = ConcurrentHashMap.newKeySet();

    private int underWay;
    private int abandoned;
    private boolean restarting;
    /** Openings that were left behind and have not ended since. */
    private int unanswered;
    /** When the last of them was, by {@link System#nanoTime()}. */
    private long unansweredSince;

    private HsmLibrary(String path) {
        this.path = path;
    }

    /** The one that the URI names; it is not loaded yet. HsmException MISCONFIGURED when there is no such file. */
    public static HsmLibrary of(Pkcs11Uri uri) {
        return LIBRARIES.computeIfAbsent(LibraryFile.path(uri.modulePath()), HsmLibrary::new);
    }

    /** The slot with the token that the URI means, as it is at this moment. Blocks; HsmException of any kind. */
    public TokenSlot slot(Pkcs11Uri uri, Duration limit) {
        return call(
                "looking for the token",
                limit,
                () -> TokenSlot.choose(Cryptoki.open(path).tokens(), uri));
    }

    /**
     * Opens a new instance, logs in to the slot and finds the key. Blocks.
     *
     * @param pin none where the token needs none
     * @param opening told of what comes up on the way, on the thread that opens, in whose time ever
     * @throws HsmException of any kind; one PIN_REFUSED must not be followed by another try with the same PIN; LOST
     *     while one that was left behind has not ended, as its PIN may be refused yet
     */
    public TokenKey open(TokenSlot slot, Pkcs11Uri uri, Optional<Secret> pin, Opening opening, Duration limit) {
        return run(Purpose.OPEN, "opening the key", limit, () -> {
            try {
                refuseOtherSlot(slot, uri);
                TokenLogin login = TokenLogin.open(path, Cryptoki.open(path), slot, pin);
                TokenKey key = TokenKey.find(login, uri, opening::withoutCertificate);
                inUse.put(key, opening);
                return key;
            } catch (HsmException e) {
                if (e.kind() == HsmException.Kind.PIN_REFUSED) {
                    opening.refused();
                }
                throw e;
            }
        });
    }

    /** A library that another key had started again since may have another token there, and this PIN is not for it. */
    private void refuseOtherSlot(TokenSlot slot, Pkcs11Uri uri) {
        TokenSlot now = TokenSlot.choose(Cryptoki.open(path).tokens(), uri);
        if (now.id() != slot.id()
                || now.index() != slot.index()
                || !now.identity().equals(slot.identity())) {
            throw new HsmException(HsmException.Kind.LOST, "the slots have changed; token " + slot.label(), null);
        }
    }

    /** What comes up while a key is opened, and while it is in use. */
    public interface Opening {
        /** The token refuses the PIN. */
        void refused();

        /** This process is logged in, and the key has no certificate: whoever may writes it now. Does not fail. */
        void withoutCertificate();

        /** Another key of the library cannot be opened: is this one well? Never waits; any thread. */
        default void suspect(TokenKey key) {}

        /** The library is started again for another key, and this one is of no more use. Never waits; any thread. */
        default void ended(TokenKey key) {}
    }

    /**
     * Runs what calls this library by another way, as one call of it: watched, and counted as under way. Blocks.
     *
     * @throws HsmException as the work, HUNG, or LOST when it fails in any other way
     */
    public <T> T within(String what, Duration limit, Callable<T> work) {
        return call(what, limit, work);
    }

    /** Signs as {@link TokenKey#sign}. Blocks; HsmException LOST, also when the key was given up meanwhile, or HUNG. */
    public Der sign(TokenKey key, SignatureScheme scheme, byte[] message, Duration limit) {
        return call("signing", limit, () -> {
            if (!inUse.containsKey(key)) {
                // Its sessions' numbers may be those of others by now.
                throw new HsmException(HsmException.Kind.LOST, "the key was given up", null);
            }
            return key.sign(scheme, message);
        });
    }

    /** Closes what the key keeps open. Blocks; does not fail. */
    public void retire(TokenKey key, Duration limit) {
        leftOver.add(key);
        inUse.remove(key);
        try {
            Boolean unused = call("closing sessions", limit, () -> {
                close(key);
                return true;
            });
        } catch (HsmException e) {
            LOG.atDebug().addKeyValue("reason", String.valueOf(e.getMessage())).log("sessions were not closed");
        }
    }

    private void close(TokenKey key) {
        inUse.remove(key);
        key.retire();
        leftOver.remove(key);
    }

    /**
     * C_Finalize and C_Initialize. Blocks, for twice the limit where calls have to end before.
     *
     * @param evenUnderOthers whether other keys of this library are taken out of use for it, so that their owners open
     *     them anew; else the owners are only told to look whether their keys are well
     * @return false, with nothing started, while a call is under way or another key of this library stays in use
     * @throws HsmException LOST when it does not start again, HUNG
     */
    public boolean restart(boolean evenUnderOthers, Duration limit) {
        if (!beginRestart(evenUnderOthers, limit)) {
            return false;
        }
        return run(Purpose.RESTART, "starting the library again", limit, () -> {
            List.copyOf(leftOver).forEach(this::close);
            Cryptoki.open(path).restart();
            return true;
        });
    }

    private boolean beginRestart(boolean evenUnderOthers, Duration limit) {
        Map<TokenKey, Opening> others;
        boolean take;
        synchronized (this) {
            others = Map.copyOf(inUse);
            take = evenUnderOthers && abandoned == 0;
            if (restarting || (others.isEmpty() && underWay > 0)) {
                return false;
            }
            restarting = others.isEmpty() || take;
            if (restarting) {
                giveUpAll();
            }
        }
        if (others.isEmpty()) {
            return true;
        }
        others.forEach((key, owner) -> {
            if (take) {
                owner.ended(key);
            } else {
                owner.suspect(key);
            }
        });
        return take && callsEnd(limit);
    }

    private void giveUpAll() {
        leftOver.addAll(inUse.keySet());
        inUse.clear();
    }

    /** New ones are refused by now. */
    private synchronized boolean callsEnd(Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        try {
            for (long left = limit.toMillis(); underWay > 0 && left > 0; ) {
                wait(left);
                left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        restarting = underWay == 0;
        giveUpAll(); // one of the calls may have opened a key
        return restarting;
    }

    /** Calls that did not end in time and have not ended since. Never waits. */
    public synchronized int abandoned() {
        return abandoned;
    }

    /** Whether so many calls hang that no other is made. */
    public synchronized boolean spent() {
        return abandoned >= MOST_ABANDONED;
    }

    private enum Purpose {
        USE,
        OPEN,
        RESTART
    }

    /**
     * Whether an opening was left behind whose PIN may be refused yet: after half a minute no HSM will, and it hangs.
     * Never waits.
     */
    public synchronized boolean awaitsAnswer() {
        return unanswered > 0 && System.nanoTime() - unansweredSince < LONGEST_ANSWER_NANOS;
    }

    private <T> T call(String what, Duration limit, Callable<T> call) {
        return run(Purpose.USE, what, limit, call);
    }

    private <T> T run(Purpose purpose, String what, Duration limit, Callable<T> call) {
        WatchedCall<T> watched = new WatchedCall<>(purpose, call);
        begin(purpose);
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
        if (restarting && purpose != Purpose.RESTART) {
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

    private static <T> T outcome(HsmLibrary.WatchedCall<T> watched, String what, Duration limit) {
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

    /** Knows whether somebody still waits for it; a key that nobody waits for any more is closed again. */
    private final class WatchedCall<T> extends FutureTask<T> {
        private final Purpose purpose;
        private boolean left;
        private boolean ended;
        private Optional<TokenKey> opened = Optional.empty();

        WatchedCall(Purpose purpose, Callable<T> call) {
            super(call);
            this.purpose = purpose;
        }

        /** Before the FutureTask's own end: whoever has the outcome must find the call counted as ended. */
        @Override
        protected void set(T result) {
            if (result instanceof TokenKey key) {
                opened = Optional.of(key);
            }
            if (endsUnheard()) {
                opened.ifPresent(HsmLibrary.this::close);
            }
            super.set(result);
        }

        @Override
        protected void setException(Throwable failure) {
            boolean unused = endsUnheard();
            super.setException(failure);
        }

        private boolean endsUnheard() {
            synchronized (HsmLibrary.this) {
                ended = true;
                underWay--;
                HsmLibrary.this.notifyAll();
                restarting &= purpose != Purpose.RESTART;
                unanswered -= left && purpose == Purpose.OPEN ? 1 : 0;
                abandoned -= left ? 1 : 0;
                return left;
            }
        }

        void abandon() {
            synchronized (HsmLibrary.this) {
                if (!ended) {
                    left = true;
                    abandoned++;
                    if (purpose == Purpose.OPEN) {
                        unanswered++;
                        unansweredSince = System.nanoTime();
                    }
                    return;
                }
            }
            // It ended in this very moment.
            opened.ifPresent(HsmLibrary.this::close);
        }
    }
}
