package io.chancery.signer.key;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.HsmLibrary;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.signer.hsm.TokenKey;
import java.security.PublicKey;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A key on a token that brings itself back: see {@link KeyRecovery}. */
final class Pkcs11SigningKey implements SigningKey {
    private static final Logger LOG = LoggerFactory.getLogger(Pkcs11SigningKey.class);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);
    /** How long a request that met the fault waits for the new key; then it is declined and another signer asked. */
    static final Duration LONGEST_HEALING = Duration.ofSeconds(1);

    /** An HSM that is well signs within it; one that is given less would be taken for hanging. */
    private static final Duration SHORTEST_RETRY = Duration.ofMillis(500);

    /** Less than a signature may take, so that a request behind it can still be answered or declined in time. */
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(1);

    /** What has signed so lately is well. */
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final IssuerCertificate issuer;
    private final HsmLibrary library;
    private final KeyRecovery<TokenKey> recovery;
    private final Semaphore sessions;
    private final int allSessions;
    private final AtomicLong retried = new AtomicLong();
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile long lastSigned = System.nanoTime() - FRESH_NANOS;

    private Pkcs11SigningKey(KeySettings settings, TokenKeySource source, FreshProcess fresh) {
        this.issuer = settings.issuer();
        this.library = source.library();
        this.recovery = new KeyRecovery<>(issuer.keyId(), source, fresh);
        this.allSessions = settings.sessions();
        this.sessions = new Semaphore(allSessions);
        source.belongsTo(new Keeper());
    }

    /** Tries once, and by itself from then on; SigningKeyException MISCONFIGURED. */
    static Pkcs11SigningKey keep(KeySettings settings, Pkcs11Uri uri, PinGate gate, FreshProcess fresh) {
        Pkcs11SigningKey key = new Pkcs11SigningKey(settings, new TokenKeySource(settings, uri, gate, false), fresh);
        key.recovery.start();
        return key;
    }

    /** SigningKeyException of any kind when the first try fails. */
    static Pkcs11SigningKey open(KeySettings settings, Pkcs11Uri uri, PinGate gate) {
        Pkcs11SigningKey key =
                new Pkcs11SigningKey(settings, new TokenKeySource(settings, uri, gate, true), FreshProcess.NONE);
        key.recovery.startOrFail();
        return key;
    }

    @Override
    public PublicKey publicKey() {
        return issuer.certificate().getPublicKey();
    }

    @Override
    public SignatureScheme scheme() {
        return issuer.scheme();
    }

    @Override
    public Der sign(SignatureScheme scheme, Der tbs, Duration within) {
        long end = System.nanoTime() + within.toNanos();
        takeSession(shorter(within, LONGEST_WAIT));
        try {
            return signHealing(scheme, tbs.bytes(), end);
        } finally {
            sessions.release();
        }
    }

    private Der signHealing(SignatureScheme scheme, byte[] tbs, long end) {
        TokenKey key = recovery.key();
        try {
            return signWith(key, scheme, tbs, LONGEST_SIGNATURE);
        } catch (HsmException e) {
            if (e.kind() == HsmException.Kind.MISCONFIGURED) {
                throw TokenKeySource.translated(e); // the token does not sign so: nothing is lost, nothing heals
            }
            recovery.lost(key, String.valueOf(e.getMessage()));
            if (e.kind() == HsmException.Kind.HUNG) {
                // Its time is gone; whatever the call still brings, nobody takes it.
                throw TokenKeySource.translated(e);
            }
        }
        return signAgain(recovery.awaitKey(shorter(timeToTryAgain(end), LONGEST_HEALING)), scheme, tbs, end);
    }

    /** SigningKeyException when too little is left. */
    private static Duration timeToTryAgain(long end) {
        Duration left = Duration.ofNanos(end - System.nanoTime());
        if (left.compareTo(SHORTEST_RETRY) < 0) {
            throw SigningKeyException.away("no time is left to try again");
        }
        return left;
    }

    private Der signAgain(TokenKey fresh, SignatureScheme scheme, byte[] tbs, long end) {
        Duration limit = shorter(timeToTryAgain(end), LONGEST_SIGNATURE);
        long unused = retried.incrementAndGet();
        try {
            return signWith(fresh, scheme, tbs, limit);
        } catch (HsmException again) {
            // An HSM that has not had the time of a signature is not known to hang: the next request tells.
            boolean cutShort = again.kind() == HsmException.Kind.HUNG && limit.compareTo(LONGEST_SIGNATURE) < 0;
            if (again.kind() != HsmException.Kind.MISCONFIGURED && !cutShort) {
                // Not a third time: the next request finds the healing under way.
                recovery.lost(fresh, String.valueOf(again.getMessage()));
            }
            throw TokenKeySource.translated(again);
        }
    }

    private Der signWith(TokenKey key, SignatureScheme scheme, byte[] tbs, Duration limit) {
        Der signature = library.sign(key, scheme, tbs, limit);
        lastSigned = System.nanoTime();
        return signature;
    }

    /** Looks after the key for the sake of others that the same library has lost. */
    private final class Keeper implements TokenKeySource.Owner {
        @Override
        public void suspect(TokenKey key) {
            if (System.nanoTime() - lastSigned < FRESH_NANOS || looking.getAndSet(true)) {
                return;
            }
            Thread thread = new Thread(
                    () -> look(key), "hsm-look-" + issuer.keyId().value().substring(0, 8));
            thread.setDaemon(true);
            try {
                thread.start();
            } catch (RuntimeException | Error e) {
                looking.set(false); // whoever is suspicious comes again
                LOG.atWarn().setCause(e).log("no thread can be started to look at a signing key");
            }
        }

        private void look(TokenKey key) {
            try {
                if (sessions.tryAcquire()) { // else all are at work, and find out themselves
                    lookWithin(key);
                }
            } finally {
                looking.set(false);
            }
        }

        private void lookWithin(TokenKey key) {
            try {
                Der unused = signWith(key, issuer.scheme(), SigningProbe.bytes().bytes(), LONGEST_SIGNATURE);
            } catch (HsmException e) {
                recovery.lost(key, String.valueOf(e.getMessage()));
            } finally {
                sessions.release();
            }
        }

        @Override
        public void ended(TokenKey key) {
            recovery.lost(key, "the library is started again for another key");
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private void takeSession(Duration within) {
        try {
            if (!sessions.tryAcquire(within.toNanos(), TimeUnit.NANOSECONDS)) {
                throw SigningKeyException.away("no session came free within " + within.toMillis() + " ms");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SigningKeyException(SigningKeyException.Kind.AWAY, "interrupted while waiting for a session", e);
        }
    }

    @Override
    public boolean answers() {
        Optional<TokenKey> key = recovery.inUse();
        long began = System.nanoTime();
        // Where a call hangs already a look would be one more.
        if (key.isEmpty() || began - lastSigned < FRESH_NANOS || library.abandoned() > 0) {
            return true;
        }
        // PKCS#11 allows a session one thread at a time: its own calls are seen to by whoever signs.
        boolean alone = sessions.tryAcquire(allSessions);
        try {
            library.look(key.get(), alone, LONGEST_LOOK);
            return true;
        } catch (HsmException e) {
            if (e.kind() == HsmException.Kind.HUNG && lastSigned - began < 0) {
                recovery.lost(
                        key.get(), String.valueOf(e.getMessage())); // a signature would be one more call left behind
            }
            return e.kind() == HsmException.Kind.HUNG || e.kind() == HsmException.Kind.BUSY;
        } finally {
            if (alone) {
                sessions.release(allSessions);
            }
        }
    }

    @Override
    public void distrust(String cause) {
        recovery.lost(cause);
    }

    @Override
    public KeyStatus status() {
        return recovery.status(retried.get(), library.abandoned());
    }

    @Override
    public void close() {
        recovery.close();
    }
}
