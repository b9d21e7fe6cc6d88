package io.chancery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.softhsm.P11KitServer;
import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import io.chancery.softhsm.TpmToken;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The verbs on other libraries than SoftHSM's, and what differs there: the table "Choose a module" of docs/hsm.md. */
@Tag("long")
@ExtendWith(SoftHsmExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class HsmModulesIT {
    @TempDir
    private Path folder;

    /** Of both tokens; only what the library behind the URI takes is written here. */
    private Path pin;

    /** Of the token, without an object and a PIN. */
    private String place;

    @BeforeEach
    void files() throws Exception {
        pin = secret("pin", "");
    }

    private Path secret(String name, String text) throws Exception {
        Path file = Files.writeString(folder.resolve(name), text + "\n", StandardCharsets.US_ASCII);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private HsmShell.Result hsm(String verb, String label, String... more) {
        List<String> words =
                new ArrayList<>(List.of("hsm", verb, "--kms", place + ";object=" + label + "?pin-source=" + pin));
        words.addAll(List.of(more));
        return HsmShell.run(words.toArray(String[]::new));
    }

    private String done(String verb, String label, String... more) {
        HsmShell.Result result = hsm(verb, label, more);
        assertThat(result.exitCode())
                .as(verb + " " + label + ": " + result.err() + result.out())
                .isZero();
        return result.out();
    }

    private Path written(String name, String text) throws Exception {
        return Files.writeString(folder.resolve(name), text, StandardCharsets.US_ASCII);
    }

    /** From two keys to an intermediate that signs, and the root's list that takes it back. */
    private void chain(String algorithm) throws Exception {
        assertThat(done("keygen", "root", "--algorithm", algorithm)).contains("object=root", algorithm);
        done("selfsign", "root", "--subject", "CN=Root", "--path-length", "1");
        done("keygen", "issuing");
        Path csr = written("csr", done("csr", "issuing", "--subject", "CN=Issuing"));
        Path crt = written("crt", done("sign-intermediate", "root", csr.toString()));
        assertThat(done("list", "issuing")).contains("NO CERTIFICATE");
        done("import-cert", "issuing", crt.toString());
        assertThat(done("list", "issuing"))
                .contains("made on the token, sensitive, not extractable")
                .doesNotContain("NO CERTIFICATE");
        assertThat(done("doctor", "issuing")).contains("ok\tpin-accepted", "ok\ttest-signature");
        assertThat(done("sign-crl", "root", "--first", "--revoke", crt.toString()))
                .contains("BEGIN X509 CRL");
        rates();
    }

    /** A line for the report of {@code ./run faults}. */
    private void rates() {
        String told = done("bench", "issuing", "--sessions=1,2,4", "--seconds=1");
        assertThat(told).contains("1 session(s)\t");
        String library = place.replaceAll(".*/|;.*", "");
        System.out.println("sign: " + library + ": "
                + told.strip().replace('\t', ' ').lines().collect(Collectors.joining(", ")));
    }

    @Test
    void in_SoftHSM_sessions_are_counted_by_what_they_sign(SoftHsmToken token) throws Exception {
        pin = secret("pin", token.pin());
        place = "pkcs11:module-path=" + token.modulePath() + ";token=" + token.label();
        done("keygen", "issuing");
        done("selfsign", "issuing", "--subject", "CN=Issuing");
        rates();
        done("delete", "issuing", "--confirm", "issuing", "--force");
    }

    /** A key that is not there is better than one that went to the token in the clear. */
    private void assertNotImported() throws Exception {
        HsmShell.Result imported = hsm("import", "imported", keyFile().toString());
        assertThat(imported.exitCode()).as(imported.err()).isEqualTo(1);
        assertThat(imported.err())
                .contains("cannot unwrap", "CKM_AES_KEY_WRAP_PAD", "its maker's import tool")
                .doesNotContain("\tat ");
        assertThat(done("list", "root")).doesNotContain("object=imported");
    }

    private void deletion() {
        done("delete", "issuing", "--confirm", "issuing", "--force");
        assertThat(done("list", "root")).contains("object=root").doesNotContain("object=issuing");
    }

    private Path keyFile() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return written(
                "key",
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'})
                                .encodeToString(
                                        generator.generateKeyPair().getPrivate().getEncoded())
                        + "\n-----END PRIVATE KEY-----\n");
    }

    @Test
    void through_p11_kit_all_but_what_unwraps_and_a_change_of_the_PIN(SoftHsmToken token) throws Exception {
        pin = secret("pin", token.pin());
        place = "pkcs11:module-path=" + P11KitServer.clientLibrary() + ";token=" + token.label();
        try (P11KitServer server =
                P11KitServer.start(token, token.modulePath(), System.getenv("P11_KIT_SERVER_ADDRESS"))) {
            chain("ec-p384");
            assertNotImported();
            HsmShell.Result changed = hsm("change-pin", "any", "--new-pin=file:" + secret("next", "another-pin"));
            assertThat(changed.exitCode()).as(changed.err()).isEqualTo(1);
            assertThat(changed.err())
                    .contains("name the library behind it with module-path")
                    .doesNotContain("another-pin")
                    .doesNotContain("\tat ");
            deletion();
            assertThat(server).isNotNull();
        }
    }

    @Test
    void on_a_TPM_all_but_what_unwraps() throws Exception {
        place = "pkcs11:module-path=" + TpmToken.modulePath() + ";token=" + TpmToken.LABEL;
        pin = secret("pin", TpmToken.PIN);
        try (TpmToken tpm = TpmToken.start(System.getenv())) {
            // First: the TPM has room for three objects, and what signs through Java keeps them until its process ends.
            Path next = secret("next", "another-pin");
            done("change-pin", "any", "--new-pin=file:" + next);
            assertThat(hsm("list", "any").exitCode()).as("the old PIN").isEqualTo(1);
            pin = next;
            chain("ec-p256");
            assertNotImported();
            deletion();
            assertThat(tpm).isNotNull();
        }
    }
}
