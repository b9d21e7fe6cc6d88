package io.chancery.signer.bus;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.signer.TestPki;
import io.chancery.signer.key.KeyStatus;
import io.chancery.signer.key.SigningKey;
import io.chancery.signer.key.SigningKeyException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** A key in memory that counts, and stands still when it is told to. */
final class FakeKey implements SigningKey {
    final KeyPair pair;
    final IssuerCertificate issuer;
    final AtomicInteger signatures = new AtomicInteger();
    final Semaphore entered = new Semaphore(0);
    /** On which it was used. */
    final Set<String> threads = ConcurrentHashMap.newKeySet();

    volatile CountDownLatch gate = new CountDownLatch(0);
    volatile boolean closed;
    volatile KeyStatus status = KeyStatus.READY;
    /** The next signature is of other bytes than those that were asked for. */
    final AtomicBoolean errs = new AtomicBoolean();

    final AtomicInteger distrusted = new AtomicInteger();

    /** Its token does not know the algorithm. */
    final AtomicBoolean unable = new AtomicBoolean();

    /** Whether its token does, and how often that was asked. */
    volatile boolean answers = true;

    final AtomicInteger looks = new AtomicInteger();

    FakeKey() {
        try {
            pair = TestPki.ec("secp256r1");
            issuer = TestPki.issuer(pair);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public PublicKey publicKey() {
        return pair.getPublic();
    }

    @Override
    public SignatureScheme scheme() {
        return issuer.scheme();
    }

    @Override
    public Der sign(SignatureScheme scheme, Der tbs, Duration within) {
        try {
            entered.release();
            threads.add(Thread.currentThread().getName());
            if (!gate.await(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the test forgot the gate");
            }
            if (unable.get()) {
                throw SigningKeyException.misconfigured("a test's token does not sign so");
            }
            signatures.incrementAndGet();
            Signature signature = scheme.check().begin();
            signature.initSign(pair.getPrivate());
            signature.update(errs.getAndSet(false) ? new byte[] {1} : tbs.bytes());
            return Der.of(signature.sign());
        } catch (GeneralSecurityException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void distrust(String cause) {
        int unused = distrusted.incrementAndGet();
    }

    @Override
    public boolean answers() {
        int unused = looks.incrementAndGet();
        return answers;
    }

    @Override
    public KeyStatus status() {
        return status;
    }

    @Override
    public void close() {
        closed = true;
    }
}
