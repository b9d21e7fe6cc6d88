package io.chancery.signer.key;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.der.Der;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.HsmLibrary;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.signer.hsm.TokenKey;
import java.security.PublicKey;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A key on a token that brings itself back: see {@link KeyRecovery}. */
final class Pkcs11SigningKey implements SigningKey {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);
    /** How long a request that met the fault waits for the new key; then it is declined and another signer asked. */
    private static final Duration LONGEST_HEALING = Duration.ofSeconds(1);

    private final IssuerCertificate issuer;
    private final HsmLibrary library;
    private final KeyRecovery<TokenKey> recovery;
    private final Semaphore sessions;
    private final AtomicLong retried = new AtomicLong();

    private Pkcs11SigningKey(KeySettings settings, TokenKeySource source, FreshProcess fresh) {
        this.issuer = settings.issuer();
        this.library = source.library();
        this.recovery = new KeyRecovery<>(issuer.keyId(), source, fresh);
        this.sessions = new Semaphore(settings.sessions());
    }

    /** Tries once, and by itself from then on; SigningKeyException MISCONFIGURED. */
    static Pkcs11SigningKey keep(KeySettings settings, Pkcs11Uri uri, PinGate gate, FreshProcess fresh) {
        Pkcs11SigningKey key = new Pkcs11SigningKey(settings, new TokenKeySource(settings, uri, gate), fresh);
        key.recovery.start();
        return key;
    }

    /** SigningKeyException of any kind when the first try fails. */
    static Pkcs11SigningKey open(KeySettings settings, Pkcs11Uri uri, PinGate gate) {
        Pkcs11SigningKey key =
                new Pkcs11SigningKey(settings, new TokenKeySource(settings, uri, gate), FreshProcess.NONE);
        key.recovery.startOrFail();
        return key;
    }

    @Override
    public PublicKey publicKey() {
        return issuer.certificate().getPublicKey();
    }

    @Override
    public Der sign(Der tbs, Duration within) {
        long end = System.nanoTime() + within.toNanos();
        takeSession(shorter(within, LONGEST_WAIT));
        try {
            return signHealing(tbs.bytes(), end);
        } finally {
            sessions.release();
        }
    }

    private Der signHealing(byte[] tbs, long end) {
        TokenKey key = recovery.key();
        try {
            return library.sign(key, issuer.scheme(), tbs, LONGEST_SIGNATURE);
        } catch (HsmException e) {
            recovery.lost(key, String.valueOf(e.getMessage()));
            if (e.kind() == HsmException.Kind.HUNG) {
                // Its time is gone; whatever the call still brings, nobody takes it.
                throw TokenKeySource.translated(e);
            }
        }
        TokenKey fresh = recovery.awaitKey(shorter(Duration.ofNanos(end - System.nanoTime()), LONGEST_HEALING));
        long unused = retried.incrementAndGet();
        try {
            return library.sign(fresh, issuer.scheme(), tbs, LONGEST_SIGNATURE);
        } catch (HsmException again) {
            // Not a third time: the next request finds the healing under way.
            recovery.lost(fresh, String.valueOf(again.getMessage()));
            throw TokenKeySource.translated(again);
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
    public KeyStatus status() {
        return recovery.status(retried.get(), library.abandoned());
    }

    @Override
    public void distrust(String cause) {
        recovery.lost(cause);
    }

    @Override
    public void close() {
        recovery.close();
    }
}
