package io.chancery.signer.key;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.secret.Secret;
import io.chancery.signer.TestPki;
import io.chancery.signer.admin.Finding;
import io.chancery.signer.admin.KeyAlgorithm;
import io.chancery.signer.admin.KeyMaker;
import io.chancery.signer.admin.ManagedKey;
import io.chancery.signer.admin.PinCheck;
import io.chancery.signer.admin.SignerFindings;
import io.chancery.signer.admin.TokenReport;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the process that signs finds of its token without trying a PIN. */
@ExtendWith(SoftHsmExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
@Timeout(60)
class SignerFindingsIT {
    private static final Secret WRONG = Secret.of("99999999");

    @TempDir
    private Path folder;

    private Path pinFile;

    @BeforeEach
    void pin(SoftHsmToken token) throws IOException {
        pinFile = Files.writeString(folder.resolve("pin"), token.pin());
        Files.setPosixFilePermissions(pinFile, PosixFilePermissions.fromString("rw-------"));
    }

    private Pkcs11Uri uri(SoftHsmToken token, String object) {
        return Pkcs11Uri.parse("pkcs11:module-path=" + token.modulePath() + ";token=" + token.label() + ";object="
                + object + "?pin-source=" + pinFile);
    }

    private static IssuerCertificate makeKey(Pkcs11Uri uri) throws Exception {
        try (TokenSession session = TokenSession.open(uri, uri.pin())) {
            ManagedKey made = KeyMaker.generate(session, uri, KeyAlgorithm.EC_P256);
            IssuerCertificate issuer = IssuerCertificate.of(TestPki.selfSigned(made.publicKey(), made::sign));
            made.writeCertificate(issuer.certificate(), false);
            return issuer;
        }
    }

    private static SigningKey signer(Pkcs11Uri uri, IssuerCertificate issuer) {
        return SigningKeys.open(
                uri.forConfiguration(), Optional.empty(), Optional.empty(), Optional.empty(), issuer, 2);
    }

    private RefusedPins refused() {
        return RefusedPins.in(folder, new SecureRandom());
    }

    private List<String> look(Pkcs11Uri uri, PublicKey issuer) {
        return SignerFindings.ofToken(TokenReport.of(uri), uri, Optional.empty(), refused(), issuer).stream()
                .peek(finding -> assertThat(finding.todo().isEmpty())
                        .as(finding.found())
                        .isEqualTo(finding.status() == Finding.Status.OK))
                .map(finding -> finding.status() + " " + finding.check())
                .toList();
    }

    @Test
    void a_token_on_which_all_is_well_and_then_a_key_without_its_certificate_and_another_key(SoftHsmToken token)
            throws Exception {
        Pkcs11Uri uri = uri(token, "well");
        IssuerCertificate issuer = makeKey(uri);
        PublicKey another = TestPki.ec("secp256r1").getPublic();
        try (SigningKey key = signer(uri, issuer)) {
            assertThat(key.status().canSign()).isTrue();
            assertThat(look(uri, key.publicKey()))
                    .containsExactly(
                            "OK pin-state", "OK pin-accepted", "OK certificate-on-token", "OK certificate-matches");
            assertThat(look(uri, another)).endsWith("OK certificate-on-token", "FAILED certificate-matches");

            String unused = token.pkcs11Tool(
                    "--login", "--pin", token.pin(), "--delete-object", "--type", "cert", "--label", "well");
            assertThat(look(uri, key.publicKey())).endsWith("FAILED certificate-on-token", "OK certificate-matches");
        }
    }

    @Test
    void a_PIN_that_the_token_refused_before_or_that_cannot_be_read_fails_while_the_key_signs(SoftHsmToken token)
            throws Exception {
        Pkcs11Uri uri = uri(token, "later");
        IssuerCertificate issuer = makeKey(uri);
        try (SigningKey key = signer(uri, issuer)) {
            Files.writeString(pinFile, "99999999");
            assertThat(look(uri, key.publicKey()))
                    .as("nobody has tried it, and nobody does")
                    .startsWith("OK pin-state", "OK pin-accepted");
            assertThat(refused()
                            .refusedToCommand(TokenReport.of(uri).token().slot().identity(), Optional.of(WRONG)))
                    .isTrue();
            assertThat(look(uri, key.publicKey())).startsWith("OK pin-state", "FAILED pin-accepted");

            Files.delete(pinFile);
            assertThat(look(uri, key.publicKey())).startsWith("OK pin-state", "FAILED pin-accepted");

            Files.createDirectory(pinFile);
            assertThat(look(uri, key.publicKey())).startsWith("OK pin-state", "FAILED pin-accepted");
        }
    }

    /** What is in it is for the next login; and who opens it waits for somebody to write. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void a_pipe_that_the_PIN_comes_through_is_left_to_the_login(SoftHsmToken token) throws Exception {
        Pkcs11Uri uri = uri(token, "piped");
        IssuerCertificate issuer = makeKey(uri);
        try (SigningKey key = signer(uri, issuer)) {
            Files.delete(pinFile);
            assertThat(new ProcessBuilder("mkfifo", pinFile.toString()).start().waitFor())
                    .isZero();
            assertThat(look(uri, key.publicKey())).startsWith("OK pin-state", "OK pin-accepted");
        }
    }

    @Test
    void a_wrong_PIN_that_somebody_gave_is_a_warning_also_where_nobody_is_logged_in(SoftHsmToken token)
            throws Exception {
        Pkcs11Uri uri = uri(token, "counted");
        IssuerCertificate issuer = makeKey(uri);
        assertThat(PinCheck.run(uri, WRONG, token.environment()).verdict()).isEqualTo(PinCheck.Verdict.REFUSED);
        assertThat(SignerFindings.ofTokenThatRefuses(uri))
                .extracting(finding -> finding.status() + " " + finding.check())
                .containsExactly("WARNING pin-state");
        try (SigningKey key = signer(uri, issuer)) {
            assertThat(look(uri, key.publicKey())).startsWith("OK pin-state", "OK pin-accepted");
        }
    }
}
