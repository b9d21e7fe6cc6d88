package io.chancery.signer.key;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.secret.Secret;
import io.chancery.signer.admin.KeyAlgorithm;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.softhsm.Pkcs11Shim;
import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A process that is asked whether a fresh one could sign is at the token in its node's turn, and hears what others heard. */
@ExtendWith(SoftHsmExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class KeyProbeProcessIT {
    @TempDir
    Path folder;

    @Test
    void a_PIN_beyond_ASCII_is_the_same_to_the_signer_as_to_those_who_set_it(SoftHsmToken token) throws Exception {
        IssuerCertificate issuer = TokenFixture.issuer(token, "beyond", KeyAlgorithm.EC_P256);
        Pkcs11Uri uri = Pkcs11Uri.parse(token.uri("beyond"));
        String beyond = "$(printf 'schl\\303\\274ssel')";
        change(token, token.pin(), beyond);
        try {
            KeySettings settings = new KeySettings(
                    uri.withoutPin().toString(),
                    Optional.empty(),
                    Optional.of(Secret.of("schlüssel")),
                    Optional.empty(),
                    issuer,
                    1);
            assertThat(new KeyProbeProcess(() -> KeyProbeMain.request(settings, folder), new OneFactTurns())
                            .getAsBoolean())
                    .as("whether a process in which nobody is logged in could sign")
                    .isTrue();
        } finally {
            change(token, beyond, token.pin());
        }
    }

    /** By a shell, as what this Java makes of an argument beyond ASCII depends on its locale. */
    private static void change(SoftHsmToken token, String from, String to) throws IOException {
        String unused = token.run(
                "sh",
                "-c",
                "pkcs11-tool --module " + token.modulePath() + " --token-label " + token.label() + " --login --pin \""
                        + from + "\" --change-pin --new-pin \"" + to + "\"");
    }

    @Test
    void it_signs_in_a_turn_of_its_node_and_tries_no_PIN_after_another_nodes_refusal(SoftHsmToken token)
            throws Exception {
        IssuerCertificate issuer = TokenFixture.issuer(token, "fresh", KeyAlgorithm.EC_P256);
        try (Pkcs11Shim shim = Pkcs11Shim.around(token.modulePath())) {
            KeySettings settings = new KeySettings(
                    shim.uri(token, "fresh"), Optional.empty(), Optional.empty(), Optional.empty(), issuer, 1);
            OneFactTurns turns = new OneFactTurns();
            KeyProbeProcess process = new KeyProbeProcess(() -> KeyProbeMain.request(settings, folder), turns);
            assertThat(process.getAsBoolean()).isTrue();
            assertThat(turns.taken).hasValue(1);
            assertThat(turns.closed).hasValue(1);
            int logins = shim.logins().size();
            assertThat(logins).isPositive();
            turns.fact = Optional.of("of-another-node");
            assertThat(process.getAsBoolean()).isFalse();
            assertThat(process.failure())
                    .contains("refused the PIN of another node")
                    .contains("exit code 1");
            assertThat(shim.logins()).as("logins").hasSize(logins);
            assertThat(turns.taken).hasValue(2);
            turns.fact = Optional.empty();
            int unused = RefusedPins.in(folder, new SecureRandom()).permitRetry();
            assertThat(process.getAsBoolean()).isTrue();
            assertThat(process.failure()).as("after a signature").isEmpty();
        }
    }
}
