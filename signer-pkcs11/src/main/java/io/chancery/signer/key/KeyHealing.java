package io.chancery.signer.key;

import io.chancery.core.certificate.KeyId;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.TokenKey;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the key in use, and opens another when it is lost: a new provider instance, a login, a probe, then the swap. It
 * tries again for ever, at most a second apart, on a thread of its own; but never after the token refused the PIN,
 * since each try would bring the token nearer to its lock.
 */
final class KeyHealing {
    /** Opens and probes a key; SigningKeyException when it cannot. */
    interface Opener {
        TokenKey open();
    }

    private static final Logger LOG = LoggerFactory.getLogger(KeyHealing.class);
    private static final long FIRST_PAUSE_MILLIS = 20;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;
    /** How long a request that met the fault waits for the new key; then it is declined and another signer asked. */
    private static final long REQUEST_WAIT_MILLIS = 1_000;

    private final KeyId keyId;
    private final Opener opener;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile @Nullable TokenKey current;
    private volatile String why = "";
    private volatile SigningKeyException.Kind kind = SigningKeyException.Kind.AWAY;
    private volatile boolean closed;

    /** Opens the first key on the calling thread, and fails as the opener does. */
    KeyHealing(KeyId keyId, Opener opener) {
        this.keyId = keyId;
        this.opener = opener;
        this.current = opener.open();
    }

    /** The key in use; SigningKeyException at once while there is none. */
    TokenKey key() {
        TokenKey key = current;
        if (key == null) {
            throw away();
        }
        return key;
    }

    /** The key after the one that failed: waits for it, one second at most. */
    TokenKey replace(TokenKey failed, HsmException failure) {
        report(failed, failure);
        long left = TimeUnit.MILLISECONDS.toNanos(REQUEST_WAIT_MILLIS);
        lock.lock();
        try {
            while (current == null && !closed && kind != SigningKeyException.Kind.PIN_REFUSED && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
        return key();
    }

    /** Takes the failed key out of use and starts the healing, unless somebody has done so. */
    void report(TokenKey failed, HsmException failure) {
        lock.lock();
        try {
            if (current != failed || closed) {
                return;
            }
            current = null;
            kind = SigningKeyException.Kind.AWAY;
            why = String.valueOf(failure.getMessage());
        } finally {
            lock.unlock();
        }
        LOG.atWarn().addKeyValue("keyId", keyId).addKeyValue("cause", why).log("signing key lost; healing begins");
        Thread healer = new Thread(this::heal, "hsm-heal-" + keyId.value().substring(0, 8));
        healer.setDaemon(true);
        healer.start();
    }

    private void heal() {
        long begin = System.nanoTime();
        long pause = FIRST_PAUSE_MILLIS;
        for (int tries = 1; !closed; tries++) {
            if (tryOnce()) {
                LOG.atInfo()
                        .addKeyValue("keyId", keyId)
                        .addKeyValue("tries", tries)
                        .addKeyValue("durationMs", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin))
                        .log("signing key healed");
                return;
            }
            if (kind == SigningKeyException.Kind.PIN_REFUSED) {
                LOG.atError()
                        .addKeyValue("keyId", keyId)
                        .addKeyValue("cause", why)
                        .log("login not tried again");
                return;
            }
            pause(pause);
            pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
        }
    }

    private boolean tryOnce() {
        try {
            swap(opener.open());
            return true;
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            // Errors too: a healing that ended in silence would leave the key away for good.
            failed(e);
            return false;
        }
    }

    private void swap(TokenKey key) {
        lock.lock();
        try {
            current = closed ? null : key;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void failed(Throwable e) {
        String now = String.valueOf(e.getMessage());
        if (!now.equals(why)) {
            LOG.atWarn().addKeyValue("keyId", keyId).addKeyValue("cause", now).log("signing key is still away");
        }
        lock.lock();
        try {
            kind = e instanceof SigningKeyException known ? known.kind() : SigningKeyException.Kind.AWAY;
            why = now;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void pause(long millis) {
        long left = TimeUnit.MILLISECONDS.toNanos(millis);
        lock.lock();
        try {
            while (!closed && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true; // nobody interrupts this thread but a JVM that ends
        } finally {
            lock.unlock();
        }
    }

    private SigningKeyException away() {
        if (closed) {
            return SigningKeyException.away("the key has been closed");
        }
        SigningKeyException.Kind shown =
                kind == SigningKeyException.Kind.PIN_REFUSED ? kind : SigningKeyException.Kind.AWAY;
        return new SigningKeyException(shown, "the key is being brought back: " + why, null);
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            current = null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
