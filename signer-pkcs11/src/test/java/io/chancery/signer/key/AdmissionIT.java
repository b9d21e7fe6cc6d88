package io.chancery.signer.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.cluster.signers.NoOtherNodes;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.signer.TestPki;
import io.chancery.signer.admin.KeyAdmission;
import io.chancery.signer.admin.KeyAlgorithm;
import io.chancery.signer.admin.KeyMaker;
import io.chancery.signer.admin.ManagedKey;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.HsmLibrary;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.signer.hsm.TokenKey;
import io.chancery.signer.hsm.TokenSlot;
import io.chancery.softhsm.Pkcs11Shim;
import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import io.chancery.testing.Eventually;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of a key, and done for it, while it is opened. */
@ExtendWith(SoftHsmExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class AdmissionIT {
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger over = new AtomicInteger();
    private static SoftHsmToken token;
    private static Pkcs11Shim shim;

    @BeforeAll
    static void given(SoftHsmToken itsToken, Pkcs11Shim around) {
        token = itsToken;
        shim = around;
    }

    /** Makes a key that has no certificate on the token. */
    private static IssuerCertificate bare(String label) {
        Pkcs11Uri uri = Pkcs11Uri.parse(token.uri(label));
        try (TokenSession session = TokenSession.open(uri, uri.pin())) {
            ManagedKey made = KeyMaker.generate(session, uri, KeyAlgorithm.EC_P256);
            return IssuerCertificate.of(TestPki.selfSigned(made.publicKey(), made::sign));
        }
    }

    private static SigningKey open(String label, IssuerCertificate issuer, Admission admission) {
        return open(label, issuer, admission, PinGate.ofCommand(RefusedPins.ofThisProcess()));
    }

    private static SigningKey open(String label, IssuerCertificate issuer, Admission admission, PinGate gate) {
        KeySettings settings = new KeySettings(
                shim.uri(token, label), Optional.empty(), Optional.empty(), Optional.empty(), issuer, 4, admission);
        return SigningKeys.openOnce(settings, gate);
    }

    private static Admission writing(IssuerCertificate issuer, List<Boolean> written) {
        return new Admission() {
            @Override
            public void admit(Pkcs11Uri uri) {}

            @Override
            public void writeCertificate(Pkcs11Uri uri) {
                written.add(KeyAdmission.writeMissingCertificate(uri, issuer.certificate()));
            }
        };
    }

    @Test
    void a_missing_certificate_is_written_within_the_one_login() throws Exception {
        IssuerCertificate issuer = bare("one-login");
        List<Boolean> written = new ArrayList<>();
        int logins = shim.logins().size();
        try (SigningKey key = open("one-login", issuer, writing(issuer, written))) {
            assertThat(shim.logins()).hasSize(logins + 1);
            assertThat(written).containsExactly(true);
            assertThat(TestPki.verifies(issuer, SigningKeyContract.TBS, key.sign(SigningKeyContract.TBS)))
                    .isTrue();
        }
        open("one-login", issuer, writing(issuer, written)).close();
        assertThat(written).as("nothing was missing any more").hasSize(1);
    }

    @Test
    void a_certificate_that_another_node_has_written_meanwhile_will_do() throws Exception {
        IssuerCertificate issuer = bare("two-nodes");
        List<Boolean> written = new ArrayList<>();
        Admission second = writing(issuer, written);
        Admission late = new Admission() {
            @Override
            public void admit(Pkcs11Uri uri) {}

            @Override
            public void writeCertificate(Pkcs11Uri uri) {
                second.writeCertificate(uri); // the other node
                second.writeCertificate(uri);
            }
        };
        try (SigningKey key = open("two-nodes", issuer, late)) {
            assertThat(written).containsExactly(true, false);
            assertThat(TestPki.verifies(issuer, SigningKeyContract.TBS, key.sign(SigningKeyContract.TBS)))
                    .isTrue();
        }
    }

    @Test
    void a_key_whose_certificate_is_not_to_be_written_is_a_mistake_of_the_configuration() {
        IssuerCertificate issuer = bare("bare");
        assertThatThrownBy(() -> open("bare", issuer, Admission.ANY))
                .isInstanceOfSatisfying(
                        SigningKeyException.class,
                        e -> assertThat(e.kind()).isEqualTo(SigningKeyException.Kind.MISCONFIGURED))
                .hasMessageContaining("hsm import-cert");
    }

    @Test
    void who_looks_at_the_key_is_watched_as_any_other_call_and_its_objection_is_heard() throws Exception {
        IssuerCertificate issuer = bare("looked-at");
        List<Boolean> written = new ArrayList<>();
        open("looked-at", issuer, writing(issuer, written)).close();
        CountDownLatch hangs = new CountDownLatch(1);
        HsmLibrary library = HsmLibrary.of(Pkcs11Uri.parse(shim.uri(token, "looked-at")));
        assertThatThrownBy(() -> open("looked-at", issuer, uri -> awaitLatch(hangs)))
                .isInstanceOfSatisfying(
                        SigningKeyException.class, e -> assertThat(e.kind()).isEqualTo(SigningKeyException.Kind.AWAY))
                .hasMessageContaining("looking at the key");
        assertThat(library.abandoned()).isEqualTo(1);
        hangs.countDown();
        Eventually.holds("the look is over", () -> library.abandoned() == 0);
        assertThatThrownBy(() -> open("looked-at", issuer, uri -> {
                    throw SigningKeyException.misconfigured("weak");
                }))
                .hasMessage("weak");
    }

    @Test
    void a_key_is_closed_again_when_it_cannot_be_noted_that_its_pin_was_accepted(@TempDir Path folder) {
        IssuerCertificate issuer = bare("closed-again");
        Admission spoiling = new Admission() {
            @Override
            public void admit(Pkcs11Uri uri) {}

            @Override
            public void writeCertificate(Pkcs11Uri uri) {
                boolean unused = KeyAdmission.writeMissingCertificate(uri, issuer.certificate());
                unused = folder.resolve("refused-pins").toFile().mkdir();
            }
        };
        PinGate gate = PinGate.ofService(RefusedPins.in(folder, new SecureRandom()), new NoOtherNodes());
        assertThatThrownBy(() -> open("closed-again", issuer, spoiling, gate)).hasMessageContaining("cannot be read");
        HsmLibrary library = HsmLibrary.of(Pkcs11Uri.parse(shim.uri(token, "closed-again")));
        assertThat(library.restart(false, Duration.ofSeconds(2)))
                .as("no key is in use")
                .isTrue();
    }

    @Test
    void a_login_that_was_not_answered_in_time_is_not_followed_by_another_one_until_it_is() throws Exception {
        IssuerCertificate issuer = bare("slow");
        open("slow", issuer, writing(issuer, new ArrayList<>())).close();
        Pkcs11Uri uri = Pkcs11Uri.parse(shim.uri(token, "slow"));
        HsmLibrary library = HsmLibrary.of(uri);
        int logins = shim.logins().size();
        shim.hang("C_Login");
        assertThatThrownBy(() -> openWithin(library, uri, Duration.ofMillis(300)))
                .isInstanceOfSatisfying(
                        HsmException.class, e -> assertThat(e.kind()).isEqualTo(HsmException.Kind.HUNG));
        assertThat(library.awaitsAnswer()).isTrue();
        assertThat(over).hasValue(0);
        assertThatThrownBy(() -> openWithin(library, uri, Duration.ofSeconds(5)))
                .hasMessageContaining("has not answered the last login");
        assertThat(begun).as("told of a login that is made alone").hasValue(1);
        shim.well();
        Eventually.holds("the login is over", () -> library.abandoned() == 0);
        assertThat(over).as("told that the token has answered").hasValue(1);
        assertThat(shim.logins()).hasSize(logins + 1);
        assertThat(library.awaitsAnswer()).isFalse();
        library.retire(openWithin(library, uri, Duration.ofSeconds(5)), Duration.ofSeconds(2));
    }

    private TokenKey openWithin(HsmLibrary library, Pkcs11Uri uri, Duration limit) {
        TokenSlot slot = library.slot(uri, Duration.ofSeconds(2));
        return library.open(
                slot,
                uri,
                uri.pin(),
                new HsmLibrary.Opening() {
                    @Override
                    public void refused() {}

                    @Override
                    public void begun() {
                        int unused = begun.incrementAndGet();
                    }

                    @Override
                    public void over() {
                        int unused = over.incrementAndGet();
                    }

                    @Override
                    public void withoutCertificate() {}
                },
                limit);
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
