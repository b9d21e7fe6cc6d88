package io.chancery.signer.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.signer.TestPki;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.signer.key.KeyState;
import io.chancery.signer.key.KeyStatus;
import io.chancery.signer.key.LastSignature;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SignerFindingsTest {
    private static KeyStatus status(KeyState state) {
        return new KeyStatus(state, "so it is", 1, 0, 0, 0);
    }

    private static LastSignature signature(boolean verified, int seconds) {
        return new LastSignature(verified, Duration.ofSeconds(seconds), verified ? "" : "it does not verify");
    }

    private static List<String> ofKey(KeyState state, Optional<LastSignature> last, boolean onToken) {
        return SignerFindings.ofKey(status(state), last, onToken).stream()
                .peek(finding -> assertThat(finding.todo().isEmpty())
                        .as(finding.found())
                        .isEqualTo(finding.status() == Finding.Status.OK || finding.status() == Finding.Status.SKIPPED))
                .map(finding -> finding.status() + " " + finding.check())
                .toList();
    }

    @Test
    void a_key_whose_last_signature_verified_lately_is_well() {
        assertThat(ofKey(KeyState.READY, Optional.of(signature(true, 9)), true)).containsExactly("OK test-signature");
    }

    @Test
    void one_that_was_just_opened_was_proved_by_that() {
        assertThat(ofKey(KeyState.READY, Optional.empty(), true)).containsExactly("OK test-signature");
    }

    @Test
    void one_that_says_it_signs_and_has_not_for_long_is_a_warning() {
        assertThat(ofKey(KeyState.READY, Optional.of(signature(true, 31)), true))
                .containsExactly("WARNING test-signature");
    }

    @Test
    void a_signature_that_came_to_nothing_fails_with_its_reason_whatever_the_key_says_of_itself() {
        for (KeyState state : List.of(KeyState.READY, KeyState.HEALING)) {
            assertThat(ofKey(state, Optional.of(signature(false, 2)), false)).containsExactly("FAILED test-signature");
        }
        assertThat(SignerFindings.ofKey(KeyStatus.READY, Optional.of(signature(false, 2)), true))
                .singleElement()
                .satisfies(finding -> assertThat(finding.found()).contains("2 s ago", "it does not verify"));
    }

    @Test
    void a_PIN_that_was_refused_fails_with_the_signers_words_and_the_way_out() {
        assertThat(ofKey(KeyState.PIN_REFUSED, Optional.empty(), true))
                .containsExactly("FAILED pin-accepted", "SKIPPED test-signature");
        assertThat(SignerFindings.ofKey(status(KeyState.PIN_REFUSED), Optional.empty(), true))
                .anyMatch(finding ->
                        finding.found().equals("so it is") && finding.todo().contains("hsm retry"));
    }

    @Test
    void what_a_key_that_is_away_would_say_is_not_guessed() {
        assertThat(ofKey(KeyState.HUNG, Optional.of(signature(true, 5)), true))
                .containsExactly("SKIPPED pin-accepted", "SKIPPED test-signature");
        assertThat(ofKey(KeyState.HEALING, Optional.empty(), false))
                .as("in a file, there is no PIN")
                .containsExactly("SKIPPED test-signature");
    }

    @Test
    void a_PIN_file_that_others_read_and_a_chain_that_leads_to_no_root_fail(@TempDir Path folder) throws Exception {
        X509Certificate issuer = TestPki.issuer(TestPki.ec("secp256r1")).certificate();
        X509Certificate stranger = TestPki.issuer(TestPki.ec("secp256r1")).certificate();
        Path pin = Files.writeString(folder.resolve("pin"), "1234");
        Files.setPosixFilePermissions(pin, PosixFilePermissions.fromString("rw-r-----"));
        Instant now = issuer.getNotBefore().toInstant().plusSeconds(1);
        List<Finding> bad = SignerFindings.ofFiles(
                Optional.of(new SignerFindings.PinPlace(
                        Pkcs11Uri.parse("pkcs11:token=t?pin-source=" + pin), Optional.empty())),
                new TokenDoctor.Trust(List.of(issuer), List.of(stranger), List.of()),
                now);
        assertThat(bad)
                .extracting(finding -> finding.status() + " " + finding.check())
                .containsExactly("FAILED pin-file", "FAILED chain-to-root");
        assertThat(bad).noneMatch(finding -> finding.found().contains("1234"));

        assertThat(SignerFindings.ofFiles(
                        Optional.empty(), new TokenDoctor.Trust(List.of(issuer), List.of(issuer), List.of()), now))
                .as("without a token there is no PIN")
                .extracting(finding -> finding.status() + " " + finding.check())
                .containsExactly("OK chain-to-root");
    }
}
