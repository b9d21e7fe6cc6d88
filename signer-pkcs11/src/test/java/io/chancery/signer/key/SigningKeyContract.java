package io.chancery.signer.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.der.Der;
import io.chancery.signer.TestPki;
import io.chancery.testing.Eventually;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** What every signing key keeps to, wherever it lives. */
@DisplayNameGeneration(ReplaceUnderscores.class)
abstract class SigningKeyContract {
    static final Der TBS = Der.of(new byte[] {0x30, 3, 2, 1, 5});

    private static final int MOST_TRIES = 5;
    private static final int THREADS = 8;

    /** What is done to a key, or to what it lives in. */
    interface Fault {
        void happens() throws Exception;
    }

    /**
     * That a request which meets a fault is answered as if there had been none. A machine that stands still for longer than a
     * healing may take costs one all the same; that round says nothing, and there is another.
     */
    static void costsNoRequest(SigningKey key, IssuerCertificate issuer, Fault fault) throws Exception {
        for (int tries = 1; ; tries++) {
            fault.happens();
            long began = System.nanoTime();
            try {
                assertThat(TestPki.verifies(issuer, TBS, key.sign(TBS))).isTrue();
                return;
            } catch (SigningKeyException e) {
                boolean slow = System.nanoTime() - began >= Pkcs11SigningKey.LONGEST_HEALING.toNanos();
                if (e.kind() != SigningKeyException.Kind.AWAY || !slow || tries == MOST_TRIES) {
                    throw e;
                }
                Eventually.holds("the key can sign again", () -> key.status().canSign());
            }
        }
    }

    /** Asked for once more where it came too late, which is counted. */
    private static Der signed(SigningKey key, Der tbs, AtomicInteger late) throws Exception {
        try {
            return key.sign(tbs);
        } catch (SigningKeyException e) {
            assertThat(e.kind()).isEqualTo(SigningKeyException.Kind.AWAY);
            int unused = late.incrementAndGet();
            Eventually.holds("the key can sign again", () -> key.status().canSign());
            return key.sign(tbs);
        }
    }

    /** One that fits {@link #issuer()}. */
    abstract SigningKey open();

    abstract IssuerCertificate issuer();

    @Test
    void its_signature_verifies_with_the_issuers_public_key() throws Exception {
        try (SigningKey key = open()) {
            assertThat(TestPki.verifies(issuer(), TBS, key.sign(TBS))).isTrue();
            assertThat(key.publicKey()).isEqualTo(issuer().certificate().getPublicKey());
        }
    }

    @Test
    void many_threads_may_sign_at_once() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        AtomicInteger late = new AtomicInteger();
        try (SigningKey key = open()) {
            List<Future<Der>> signatures = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                Der tbs = Der.of(new byte[] {0x30, 3, 2, 1, (byte) i});
                signatures.add(threads.submit(() -> signed(key, tbs, late)));
            }
            for (int i = 0; i < 64; i++) {
                Der tbs = Der.of(new byte[] {0x30, 3, 2, 1, (byte) i});
                assertThat(TestPki.verifies(issuer(), tbs, signatures.get(i).get()))
                        .isTrue();
            }
            assertThat(late).as("a stall meets those under way").hasValueLessThanOrEqualTo(THREADS);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void a_closed_key_signs_no_more() {
        SigningKey key = open();
        key.close();
        assertThatThrownBy(() -> key.sign(TBS))
                .isInstanceOfSatisfying(
                        SigningKeyException.class, e -> assertThat(e.kind()).isEqualTo(SigningKeyException.Kind.AWAY));
    }
}
