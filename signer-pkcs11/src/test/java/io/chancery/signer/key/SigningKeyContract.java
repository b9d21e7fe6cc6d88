package io.chancery.signer.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.der.Der;
import io.chancery.signer.TestPki;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** What every signing key keeps to, wherever it lives. */
@DisplayNameGeneration(ReplaceUnderscores.class)
abstract class SigningKeyContract {
    static final Der TBS = Der.of(new byte[] {0x30, 3, 2, 1, 5});

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
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try (SigningKey key = open()) {
            List<Future<Der>> signatures = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                Der tbs = Der.of(new byte[] {0x30, 3, 2, 1, (byte) i});
                signatures.add(threads.submit(() -> key.sign(tbs)));
            }
            for (int i = 0; i < 64; i++) {
                Der tbs = Der.of(new byte[] {0x30, 3, 2, 1, (byte) i});
                assertThat(TestPki.verifies(issuer(), tbs, signatures.get(i).get()))
                        .isTrue();
            }
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
