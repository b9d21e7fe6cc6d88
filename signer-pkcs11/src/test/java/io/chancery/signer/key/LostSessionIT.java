package io.chancery.signer.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.signer.TestPki;
import io.chancery.signer.admin.KeyAlgorithm;
import io.chancery.softhsm.Pkcs11Shim;
import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import io.chancery.testing.Eventually;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Takes sessions, logins and the library away under a key in use. */
@ExtendWith(SoftHsmExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class LostSessionIT {
    private static SoftHsmToken token;
    private static IssuerCertificate issuer;

    @BeforeAll
    static void key(SoftHsmToken given) {
        token = given;
        issuer = TokenFixture.issuer(token, "ca", KeyAlgorithm.EC_P256);
    }

    @BeforeEach
    void pin() throws Exception {
        Files.writeString(token.pinFile(), token.pin());
    }

    @Test
    void a_logout_by_somebody_else_costs_no_request() throws Exception {
        try (SigningKey key = TokenFixture.open(token.uri("ca"), issuer)) {
            for (int round = 0; round < 5; round++) {
                SigningKeyContract.costsNoRequest(key, issuer, LibraryFaults.of(token)::logout);
            }
        }
    }

    @Test
    void a_restarted_library_costs_no_request() throws Exception {
        try (SigningKey key = TokenFixture.open(token.uri("ca"), issuer)) {
            for (int round = 0; round < 5; round++) {
                SigningKeyContract.costsNoRequest(key, issuer, LibraryFaults.of(token)::restart);
            }
        }
    }

    @Test
    void that_sessions_or_the_token_are_gone_shows_without_a_signature() throws Exception {
        try (SigningKey key = TokenFixture.open(token.uri("ca"), issuer)) {
            assertThat(key.answers()).isTrue();
            LibraryFaults.of(token).restart();
            assertThat(key.answers()).as("its sessions are gone").isFalse();
            assertThat(key.status().losses()).as("a signature would tell").isZero();
        }
    }

    @Test
    void while_the_token_is_away_requests_fail_fast_and_the_key_comes_back_by_itself() throws Exception {
        try (SigningKey key = TokenFixture.open(token.uri("ca"), issuer)) {
            String conf = Files.readString(token.conf());
            Files.writeString(token.conf(), conf.replace("/tokens", ""));
            LibraryFaults.of(token).restart();
            assertAway(key);
            long begin = System.nanoTime();
            assertAway(key);
            assertThat(System.nanoTime() - begin).isLessThan(200_000_000L);

            Files.writeString(token.conf(), conf);
            LibraryFaults.of(token).restart();
            awaitSignature(key);
        }
    }

    @Test
    void a_request_that_met_a_loss_is_tried_again_only_for_as_long_as_it_has_time() throws Exception {
        try (Pkcs11Shim shim = Pkcs11Shim.around(token.modulePath());
                SigningKey key = TokenFixture.open(shim.uri(token, "ca"), issuer)) {
            shim.signaturesTake(Duration.ofMillis(500));
            shim.once(Pkcs11Shim.Act.LOGOUT);
            // The healing signs as well, and leaves less than another signature takes.
            assertThatThrownBy(() -> key.sign(issuer.scheme(), SigningKeyContract.TBS, Duration.ofMillis(950)))
                    .isInstanceOfSatisfying(
                            SigningKeyException.class,
                            e -> assertThat(e.kind()).isEqualTo(SigningKeyException.Kind.AWAY));
            shim.signaturesTake(Duration.ZERO);
            awaitSignature(key);
            assertThat(key.status().losses())
                    .as("an HSM that had less time than a signature may take does not count as hanging")
                    .isEqualTo(1);
        }
    }

    private static void awaitSignature(SigningKey key) throws Exception {
        Eventually.holds("the key signs", () -> {
            try {
                assertThat(TestPki.verifies(issuer, SigningKeyContract.TBS, key.sign(SigningKeyContract.TBS)))
                        .isTrue();
                return true;
            } catch (SigningKeyException e) {
                assertThat(e.kind()).isNotEqualTo(SigningKeyException.Kind.MISCONFIGURED);
                return false;
            }
        });
    }

    private static void assertAway(SigningKey key) {
        assertThatThrownBy(() -> key.sign(SigningKeyContract.TBS))
                .isInstanceOfSatisfying(
                        SigningKeyException.class, e -> assertThat(e.kind()).isEqualTo(SigningKeyException.Kind.AWAY));
    }

    @Test
    void a_refused_pin_is_not_tried_again_until_there_is_another_one() throws Exception {
        try (SigningKey key = TokenFixture.open(token.uri("ca"), issuer)) {
            Files.writeString(token.pinFile(), "00000000");
            LibraryFaults.of(token).logout();
            Eventually.holds("the PIN is refused", () -> {
                assertThatThrownBy(() -> key.sign(SigningKeyContract.TBS)).isInstanceOf(SigningKeyException.class);
                return key.status().state() == KeyState.PIN_REFUSED;
            });
            assertRefused(key);
            Files.writeString(token.pinFile(), token.pin());
            awaitSignature(key);
        }
    }

    private static void assertRefused(SigningKey key) {
        assertThatThrownBy(() -> key.sign(SigningKeyContract.TBS))
                .isInstanceOfSatisfying(
                        SigningKeyException.class,
                        e -> assertThat(e.kind()).isEqualTo(SigningKeyException.Kind.PIN_REFUSED));
    }

    @Test
    void a_wrong_pin_at_the_start_is_told_as_such() throws Exception {
        LibraryFaults.of(token).restart();
        Files.writeString(token.pinFile(), "00000000");
        assertThatThrownBy(() -> SigningKeys.open(
                        token.uri("ca"), Optional.empty(), Optional.empty(), Optional.empty(), issuer, 1))
                .isInstanceOfSatisfying(
                        SigningKeyException.class,
                        e -> assertThat(e.kind()).isEqualTo(SigningKeyException.Kind.PIN_REFUSED))
                .hasMessageContaining("CKR_PIN_INCORRECT");
    }
}
