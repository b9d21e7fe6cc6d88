package io.chancery.signer.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.signer.TestPki;
import io.chancery.signer.admin.KeyAlgorithm;
import io.chancery.softhsm.TpmToken;
import io.chancery.testing.Eventually;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The same signing key on another library than SoftHSM: tpm2-pkcs11. */
@Timeout(120)
@SuppressWarnings("NullAway.Init")
class TpmTokenIT extends SigningKeyContract {
    private static TpmToken token;
    private static IssuerCertificate issuer;

    @BeforeAll
    static void key() throws Exception {
        token = TpmToken.start(System.getenv());
        issuer = TokenFixture.issuer(TpmToken.uri("ca"), KeyAlgorithm.EC_P256);
    }

    @AfterAll
    static void end() throws Exception {
        token.close();
    }

    @Override
    SigningKey open() {
        return TokenFixture.open(TpmToken.uri("ca"), issuer);
    }

    @Override
    IssuerCertificate issuer() {
        return issuer;
    }

    @Test
    void a_logout_by_somebody_else_costs_no_request() throws Exception {
        try (SigningKey key = open()) {
            for (int round = 0; round < 3; round++) {
                costsNoRequest(key, issuer, LibraryFaults.of(TpmToken.modulePath())::logout);
            }
            assertThat(key.status().recoveries()).isGreaterThanOrEqualTo(3);
        }
    }

    @Test
    void a_library_that_somebody_started_again_costs_no_request() throws Exception {
        try (SigningKey key = open()) {
            for (int round = 0; round < 3; round++) {
                costsNoRequest(key, issuer, LibraryFaults.of(TpmToken.modulePath())::restart);
            }
        }
    }

    @Test
    void a_TPM_that_lost_its_power_is_back_when_it_is() throws Exception {
        try (SigningKey key = open()) {
            token.kill();
            assertThatThrownBy(() -> key.sign(TBS)).isInstanceOf(SigningKeyException.class);
            token.startAgain();
            Eventually.holds(
                    "the key can sign",
                    Duration.ofSeconds(60),
                    () -> key.status().canSign());
            assertThat(TestPki.verifies(issuer, TBS, key.sign(TBS))).isTrue();
        }
    }
}
