package io.chancery.signer.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.cluster.signers.NoOtherNodes;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.der.Der;
import io.chancery.signer.admin.KeyAlgorithm;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.HsmLibrary;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.signer.hsm.TokenKey;
import io.chancery.softhsm.Pkcs11Shim;
import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** SunPKCS11 tries to close a session once and forgets it: none may stay open because the HSM erred just then. */
@ExtendWith(SoftHsmExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
@SuppressWarnings("NullAway.Init")
class LeftSessionsIT {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final long DEVICE_ERROR = 0x30;
    private static final int MANY_AT_ONCE = 12;
    private static final int KEPT = 5;

    private SoftHsmToken token;
    private Pkcs11Shim shim;
    private LibraryFaults sessions;
    private Pkcs11Uri uri;
    private IssuerCertificate issuer;
    private HsmLibrary library;

    @BeforeEach
    void key(SoftHsmToken given, Pkcs11Shim around) throws Exception {
        token = given;
        shim = around;
        sessions = LibraryFaults.of(token);
        String label = "k" + System.nanoTime();
        issuer = TokenFixture.issuer(token, label, KeyAlgorithm.EC_P256);
        uri = Pkcs11Uri.parse(shim.uri(token, label));
        library = HsmLibrary.of(uri);
    }

    @AfterEach
    void end() throws Exception {
        shim.well();
        assertThat(library.restart(false, LIMIT)).as("no key is in use").isTrue();
    }

    private TokenKey open() {
        return library.open(library.slot(uri, LIMIT), uri, uri.pin(), new SilentOpening(), LIMIT);
    }

    private static final class SilentOpening implements HsmLibrary.Opening {
        @Override
        public void refused() {}

        @Override
        public void withoutCertificate() {}
    }

    @Test
    void those_of_a_key_that_was_given_up_while_the_device_erred_are_closed_beside_one_that_is_in_use()
            throws Exception {
        TokenKey inUse = open();
        int before = sessions.sessions();
        for (int round = 0; round < 3; round++) {
            TokenKey lost = open();
            shim.failAll(DEVICE_ERROR);
            library.retire(lost, LIMIT);
            shim.well();
        }
        TokenKey next = open();
        int kept = sessions.sessions() - before;
        library.retire(next, LIMIT);
        assertThat(kept).as("sessions of the last one").isBetween(1, 2);
        assertThat(sessions.sessions()).isEqualTo(before);
        assertThat(library.hasForgotten()).isFalse();
        library.retire(inUse, LIMIT);
        assertThat(sessions.sessions()).isZero();
    }

    @Test
    void those_of_an_instance_that_could_not_be_made_to_its_end_are_closed() throws Exception {
        TokenKey inUse = open();
        int before = sessions.sessions();
        shim.fail("C_GetMechanismList", DEVICE_ERROR);
        assertThatThrownBy(this::open).isInstanceOf(HsmException.class);
        shim.well();
        assertThat(sessions.sessions()).isEqualTo(before);
        library.retire(inUse, LIMIT);
    }

    @Test
    void those_of_an_opening_that_the_device_ended_half_way_are_closed_by_the_next() throws Exception {
        TokenKey inUse = open();
        int before = sessions.sessions();
        shim.fail("C_FindObjectsInit", DEVICE_ERROR);
        shim.fail("C_CloseSession", DEVICE_ERROR);
        shim.fail("C_GetSessionInfo", DEVICE_ERROR);
        assertThatThrownBy(this::open).isInstanceOf(HsmException.class);
        shim.well();
        library.retire(open(), LIMIT);
        // The search for the certificate had one of its own, which only the library's next start closes.
        assertThat(sessions.sessions() - before).isLessThanOrEqualTo(1);
        library.retire(inUse, LIMIT);
    }

    @Test
    void one_that_could_not_be_closed_is_noticed_and_the_library_started_again_before_the_key_is_opened_next()
            throws Exception {
        KeySettings settings = new KeySettings(
                uri.forConfiguration(), Optional.empty(), Optional.empty(), Optional.empty(), issuer, 1);
        try (SigningKey key = keep(settings)) {
            shim.fail("C_CloseSession", DEVICE_ERROR);
            key.distrust("for a test");
            await(() -> library.hasForgotten());
            shim.well();
            await(() -> key.status().canSign());
            assertThat(library.hasForgotten()).isFalse();
            assertThat(sessions.sessions()).isBetween(1, KEPT);
        }
    }

    @Test
    void none_stays_open_when_more_signatures_were_under_way_than_sessions_are_kept() throws Exception {
        KeySettings settings = new KeySettings(
                uri.forConfiguration(), Optional.empty(), Optional.empty(), Optional.empty(), issuer, MANY_AT_ONCE);
        try (SigningKey key = keep(settings)) {
            shim.signaturesTake(Duration.ofMillis(100));
            List<Thread> clients = new ArrayList<>();
            for (int i = 0; i < MANY_AT_ONCE; i++) {
                Thread client = new Thread(() -> signUntilItIsLost(key));
                client.start();
                clients.add(client);
            }
            await(() -> sessions.sessions() >= MANY_AT_ONCE);
            shim.failAll(DEVICE_ERROR);
            for (Thread client : clients) {
                client.join();
            }
            shim.well();
            await(() -> key.status().canSign());
            assertThat(sessions.sessions()).isBetween(1, KEPT);
        }
    }

    private static void signUntilItIsLost(SigningKey key) {
        while (key.status().losses() == 0) {
            try {
                Der unused = key.sign(SigningKeyContract.TBS);
            } catch (SigningKeyException e) {
                return; // the device errs
            }
        }
    }

    @Test
    void the_library_is_not_started_again_while_those_of_a_key_that_was_opened_too_late_are_closed() throws Exception {
        CountDownLatch left = new CountDownLatch(1);
        assertThatThrownBy(() -> library.open(
                        library.slot(uri, LIMIT), uri, uri.pin(), new LateOpening(left), Duration.ofMillis(100)))
                .isInstanceOfSatisfying(
                        HsmException.class, e -> assertThat(e.kind()).isEqualTo(HsmException.Kind.HUNG));
        left.countDown();
        await(() -> isIn("closeLeft", "C_GetSessionInfo"));
        assertThat(library.restart(true, Duration.ZERO)).isFalse();
        shim.well();
        await(() -> library.restart(true, LIMIT));
    }

    /** Ends when nobody waits for it any more; what is asked of sessions from then on hangs. */
    private final class LateOpening implements HsmLibrary.Opening {
        private final CountDownLatch left;

        LateOpening(CountDownLatch left) {
            this.left = left;
        }

        @Override
        public void refused() {}

        @Override
        public void withoutCertificate() {}

        @Override
        public void over() {
            try {
                left.await();
                shim.hang("C_GetSessionInfo"); // which each one is asked for before it is closed
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Whether a thread that calls the library is in all of these methods. */
    private static boolean isIn(String... methods) {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(each -> each.getKey().getName().startsWith("hsm-call-"))
                .map(each -> Arrays.stream(each.getValue())
                        .map(StackTraceElement::getMethodName)
                        .toList())
                .anyMatch(names -> names.containsAll(List.of(methods)));
    }

    private SigningKey keep(KeySettings settings) {
        return SigningKeys.keep(
                settings,
                new KeyNeighbours(token.conf().getParent(), new SecureRandom(), new NoOtherNodes(), () -> {}));
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(Condition condition) throws Exception {
        while (!condition.holds()) {
            boolean unused = new CountDownLatch(1).await(5, TimeUnit.MILLISECONDS);
        }
    }
}
