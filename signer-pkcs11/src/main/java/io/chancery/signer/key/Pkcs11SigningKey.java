package io.chancery.signer.key;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.der.Der;
import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.signer.hsm.TokenKey;
import java.security.PublicKey;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A key on a token that brings itself back: see {@link KeyHealing}. */
final class Pkcs11SigningKey implements SigningKey {
    private static final long SESSION_WAIT_MILLIS = 2_000;

    private final IssuerCertificate issuer;
    private final KeyHealing healing;
    private final Semaphore sessions;

    private Pkcs11SigningKey(IssuerCertificate issuer, KeyHealing healing, int sessions) {
        this.issuer = issuer;
        this.healing = healing;
        this.sessions = new Semaphore(sessions);
    }

    static Pkcs11SigningKey open(Pkcs11Uri uri, Optional<Secret> kmsPin, IssuerCertificate issuer, int sessions) {
        KeyHealing.Opener opener = () -> openAndProbe(uri, kmsPin, issuer);
        return new Pkcs11SigningKey(issuer, new KeyHealing(issuer.keyId(), opener), sessions);
    }

    private static TokenKey openAndProbe(Pkcs11Uri uri, Optional<Secret> kmsPin, IssuerCertificate issuer) {
        try {
            TokenKey key = TokenKey.open(uri, kmsPin);
            if (!SigningProbe.verifies(
                    key.sign(issuer.scheme(), SigningProbe.bytes().bytes()), issuer)) {
                throw SigningKeyException.misconfigured("the key of " + uri + " does not belong to the certificate of "
                        + issuer.certificate().getSubjectX500Principal());
            }
            return key;
        } catch (HsmException e) {
            throw translated(e);
        }
    }

    static SigningKeyException translated(HsmException e) {
        SigningKeyException.Kind kind = switch (e.kind()) {
            case LOST -> SigningKeyException.Kind.AWAY;
            case PIN_REFUSED -> SigningKeyException.Kind.PIN_REFUSED;
            case MISCONFIGURED -> SigningKeyException.Kind.MISCONFIGURED;
        };
        return new SigningKeyException(kind, String.valueOf(e.getMessage()), e);
    }

    @Override
    public PublicKey publicKey() {
        return issuer.certificate().getPublicKey();
    }

    @Override
    public Der sign(Der tbs) {
        takeSession();
        try {
            return signHealing(tbs.bytes());
        } finally {
            sessions.release();
        }
    }

    private Der signHealing(byte[] tbs) {
        TokenKey key = healing.key();
        try {
            return key.sign(issuer.scheme(), tbs);
        } catch (HsmException e) {
            TokenKey fresh = healing.replace(key, e);
            try {
                return fresh.sign(issuer.scheme(), tbs);
            } catch (HsmException again) {
                // Not a third time: the next request finds the healing under way.
                healing.report(fresh, again);
                throw translated(again);
            }
        }
    }

    private void takeSession() {
        try {
            if (!sessions.tryAcquire(SESSION_WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
                throw SigningKeyException.away("no session came free within " + SESSION_WAIT_MILLIS + " ms");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SigningKeyException(SigningKeyException.Kind.AWAY, "interrupted while waiting for a session", e);
        }
    }

    @Override
    public void close() {
        healing.close();
    }
}
