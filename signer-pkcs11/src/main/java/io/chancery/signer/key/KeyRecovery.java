package io.chancery.signer.key;

import io.chancery.core.certificate.KeyId;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the key in use, and brings it back when it is lost, for as long as that takes: {@link KeyState} says where it
 * is. One try is: close what the lost key left open, open another one; if that fails, start the library again and open
 * another one. Tries are at most half a second apart, and a quarter of one where the PIN was refused, on a thread of its own that ends when the key is back; one that
 * could not be started, or ended otherwise, is followed by another one when somebody asks for the key or its status. While
 * tries fail, it is found out now and then whether a fresh process could sign. Any thread.
 *
 * @param <K> a key on one login
 */
final class KeyRecovery<K> {
    /** What a key comes from. All of it blocks, each within a limit of its own. */
    interface Source<K> {
        /** Opens a key and proves that it is the issuer's; SigningKeyException of any kind. */
        K open();

        /** Closes what the key keeps open. Does not fail. */
        void retire(K key);

        /**
         * Starts the library again. SigningKeyException when it fails.
         *
         * @param evenUnderOthers whether other keys of it, which may be well, are interrupted for this
         * @return false when that is not possible now
         */
        boolean startAgain(boolean evenUnderOthers);

        /** Whether what was tried last may still be refused: nobody else may try the same meanwhile. */
        boolean awaitsAnswer();

        /** Why nothing can be tried, or empty. */
        Optional<String> hangs();
    }

    private static final Logger LOG = LoggerFactory.getLogger(KeyRecovery.class);
    private static final long FIRST_PAUSE_MILLIS = 20;
    private static final long LONGEST_PAUSE_MILLIS = 500;
    /** Whoever has changed the PIN waits for this; a look that finds the refused one still asks neither grid nor token's login. */
    private static final long PIN_PAUSE_MILLIS = 250;
    /** Where somebody else only has to be done: what the HSM is like is not known from that, and no pause grows. */
    private static final long OTHERS_PAUSE_MILLIS = 50;

    private final KeyId keyId;
    private final Source<K> source;
    private final FreshProcess fresh;
    private final Executor healers;
    private final LongSupplier nanoTime;
    private final KeyLog log;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile @Nullable K current;
    private volatile KeyState state = KeyState.OPENING;
    private volatile String why = "the key is being opened";
    /** The healing that a thread is at. */
    private volatile @Nullable Object healing;
    /** By {@link System#nanoTime()}; of the thread that heals, or of whoever starts it, as the next one. */
    private long awaySince;

    private Optional<K> lost = Optional.empty();

    private final AtomicLong losses = new AtomicLong();
    private final AtomicLong recoveries = new AtomicLong();

    KeyRecovery(KeyId keyId, Source<K> source, FreshProcess fresh) {
        this(keyId, source, fresh, healing -> start(healing, keyId), System::nanoTime);
    }

    /** @param healers runs each task on a thread of its own */
    KeyRecovery(KeyId keyId, Source<K> source, FreshProcess fresh, Executor healers, LongSupplier nanoTime) {
        this.keyId = keyId;
        this.source = source;
        this.fresh = fresh;
        this.healers = healers;
        this.nanoTime = nanoTime;
        this.log = new KeyLog(keyId, nanoTime);
        this.awaySince = nanoTime.getAsLong();
    }

    private static void start(Runnable healing, KeyId keyId) {
        Thread thread = new Thread(healing, "hsm-heal-" + keyId.value().substring(0, 8));
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Tries once, on this thread; if the key is not there, the tries go on by themselves. SigningKeyException
     * MISCONFIGURED when that could not help: then this is closed.
     */
    void start() {
        Optional<SigningKeyException> failure = tryOnce();
        if (failure.isEmpty()) {
            return;
        }
        if (failure.get().kind() == SigningKeyException.Kind.MISCONFIGURED) {
            close();
            throw failure.get();
        }
        log.notAvailable(why);
        heal();
    }

    /** Tries once, on this thread; SigningKeyException of any kind, and this is closed, when the key is not there. */
    void startOrFail() {
        Optional<SigningKeyException> failure = tryOnce();
        if (failure.isPresent()) {
            close();
            throw failure.get();
        }
    }

    /** The key in use; SigningKeyException at once while there is none. */
    K key() {
        K key = current;
        if (key == null) {
            heal();
            throw away();
        }
        return key;
    }

    /** The key in use, if there is one. */
    Optional<K> inUse() {
        return Optional.ofNullable(current);
    }

    /** The key after one that was lost: waits for it, no longer than the given time. */
    K awaitKey(Duration within) {
        long left = within.toNanos();
        lock.lock();
        try {
            while (current == null && comesBack() && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
        return key();
    }

    private boolean comesBack() {
        return state != KeyState.CLOSED && state != KeyState.PIN_REFUSED && state != KeyState.HUNG;
    }

    /** Takes the key out of use and starts the healing, unless somebody has done so. */
    void lost(K failed, String cause) {
        lock.lock();
        try {
            if (current != failed || state == KeyState.CLOSED) {
                return;
            }
            current = null;
            state = KeyState.HEALING;
            why = cause;
            long unused = losses.incrementAndGet();
            lost = Optional.of(failed);
        } finally {
            lock.unlock();
        }
        log.lost(cause);
        heal();
    }

    /** As {@link #lost(Object, String)}, of whichever key is in use. */
    void lost(String cause) {
        K key = current;
        if (key != null) {
            lost(key, cause);
        }
    }

    /** Has a thread at it, where the key is away; one that cannot be started now is when this is called again. */
    private void heal() {
        Object mine = new Object();
        lock.lock();
        try {
            if (healing != null || current != null || state == KeyState.OPENING || state == KeyState.CLOSED) {
                return;
            }
            healing = mine;
        } finally {
            lock.unlock();
        }
        try {
            healers.execute(() -> heals(mine));
        } catch (RuntimeException | Error e) {
            ended(mine);
            LOG.atError().addKeyValue("keyId", keyId).setCause(e).log("no thread can be started to heal a signing key");
        }
    }

    private void heals(Object mine) {
        try {
            tryUntilItIsBack();
        } finally {
            ended(mine);
        }
    }

    private void ended(Object mine) {
        lock.lock();
        try {
            healing = healing == mine ? null : healing; // else another one is at the next loss
        } finally {
            lock.unlock();
        }
    }

    private void tryUntilItIsBack() {
        long began = nanoTime.getAsLong();
        awaySince = began;
        long pause = FIRST_PAUSE_MILLIS;
        for (int tries = 1; state != KeyState.CLOSED; tries++) {
            Optional<SigningKeyException> failure = tryOnce();
            if (failure.isEmpty()) {
                log.healed(tries, nanoTime.getAsLong() - began);
                return;
            }
            if (failure.get().isOthersTurn()) {
                pause(OTHERS_PAUSE_MILLIS);
                continue;
            }
            // A key that may not be used, or whose PIN is refused, is no other one to a fresh process.
            if (failure.get().kind() == SigningKeyException.Kind.AWAY && !source.awaitsAnswer()) {
                askFreshProcess(began);
            }
            pause(state == KeyState.PIN_REFUSED ? PIN_PAUSE_MILLIS : pause);
            pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
        }
        lost.ifPresent(source::retire); // no try has come as far
    }

    private void askFreshProcess(long began) {
        try {
            fresh.stillAway(Duration.ofNanos(nanoTime.getAsLong() - began));
        } catch (RuntimeException | Error e) {
            LOG.atError().setCause(e).log("no fresh process could be asked for a signature");
        }
    }

    /** Empty when the key is back. */
    private Optional<SigningKeyException> tryOnce() {
        try {
            Optional<String> hangs = source.hangs();
            if (hangs.isPresent()) {
                return failed(SigningKeyException.away(hangs.get()), KeyState.HUNG);
            }
            lost.ifPresent(source::retire);
            lost = Optional.empty();
            swap(openInTwoSteps());
            return Optional.empty();
        } catch (SigningKeyException e) {
            boolean pin = e.kind() == SigningKeyException.Kind.PIN_REFUSED;
            return failed(e, pin ? KeyState.PIN_REFUSED : KeyState.HEALING);
        } catch (RuntimeException | Error e) {
            // Errors too: a healing that ended in silence would leave the key away for good.
            LOG.atError().setCause(e).log("the healing of a signing key failed unexpectedly");
            return failed(SigningKeyException.away(String.valueOf(e.getMessage())), KeyState.HEALING);
        }
    }

    private K openInTwoSteps() {
        try {
            return source.open();
        } catch (SigningKeyException e) {
            // At the start a key that is not there is a mistake, and later on a token that is not yet whole again.
            boolean mayHelp = e.kind() == SigningKeyException.Kind.AWAY || state != KeyState.OPENING;
            boolean mayTry = e.kind() != SigningKeyException.Kind.PIN_REFUSED && !e.isOthersTurn();
            if (!mayTry || !mayHelp || !startAgain()) {
                throw e;
            }
        }
        return source.open();
    }

    /** Another key's work is interrupted only once it is known that a library just started can do what this one cannot. */
    private boolean startAgain() {
        return source.startAgain(fresh.hasSigned(Duration.ofNanos(nanoTime.getAsLong() - awaySince)));
    }

    private void swap(K key) {
        boolean late;
        lock.lock();
        try {
            late = state == KeyState.CLOSED;
            if (!late) {
                long unused = state == KeyState.OPENING ? 0 : recoveries.incrementAndGet();
                current = key;
                healing = null; // whoever loses the key from now on starts another one
                state = KeyState.READY;
                why = "";
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (late) {
            source.retire(key);
        }
    }

    private Optional<SigningKeyException> failed(SigningKeyException e, KeyState now) {
        String cause = String.valueOf(e.getMessage());
        KeyState before;
        lock.lock();
        try {
            before = state;
            why = cause;
            state = before == KeyState.CLOSED ? before : now;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (before != KeyState.OPENING && before != KeyState.CLOSED) {
            log.stillAway(before, now, cause);
        }
        return Optional.of(e);
    }

    private void pause(long millis) {
        long left = TimeUnit.MILLISECONDS.toNanos(millis);
        lock.lock();
        try {
            while (state != KeyState.CLOSED && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            state = KeyState.CLOSED; // nobody interrupts this thread but a JVM that ends
        } finally {
            lock.unlock();
        }
    }

    private SigningKeyException away() {
        if (state == KeyState.CLOSED) {
            return SigningKeyException.away("the key has been closed");
        }
        return state == KeyState.PIN_REFUSED
                ? new SigningKeyException(SigningKeyException.Kind.PIN_REFUSED, why, null)
                : SigningKeyException.away("the key is being brought back: " + why);
    }

    /** How it is, without what the caller counts itself. */
    KeyStatus status(long retried, int abandonedCalls) {
        heal();
        return new KeyStatus(state, why, losses.get(), recoveries.get(), retried, abandonedCalls);
    }

    /** Ends all tries, and closes what is open. Blocks as the source does. */
    void close() {
        K last;
        lock.lock();
        try {
            last = current;
            current = null;
            state = KeyState.CLOSED;
            why = "the key has been closed";
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (last != null) {
            source.retire(last);
        }
    }
}
