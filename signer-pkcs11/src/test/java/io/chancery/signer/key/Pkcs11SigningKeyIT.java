package io.chancery.signer.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.cluster.signers.NoOtherNodes;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.secret.Secret;
import io.chancery.signer.TestPki;
import io.chancery.signer.admin.HsmModule;
import io.chancery.signer.admin.KeyAlgorithm;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.HsmLibrary;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.signer.hsm.TokenKey;
import io.chancery.softhsm.Pkcs11Shim;
import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(SoftHsmExtension.class)
class Pkcs11SigningKeyIT extends SigningKeyContract {
    private static SoftHsmToken token;
    private static IssuerCertificate p256;
    private static IssuerCertificate p384;
    private static IssuerCertificate rsa;

    @BeforeAll
    static void keys(SoftHsmToken given) {
        token = given;
        p256 = TokenFixture.issuer(token, "p256", KeyAlgorithm.EC_P256);
        p384 = TokenFixture.issuer(token, "p384", KeyAlgorithm.EC_P384);
        rsa = TokenFixture.issuer(token, "rsa", KeyAlgorithm.RSA_3072);
    }

    @Override
    SigningKey open() {
        return TokenFixture.open(token.uri("p256"), p256);
    }

    @Override
    IssuerCertificate issuer() {
        return p256;
    }

    @Nested
    class P384 extends SigningKeyContract {
        @Override
        SigningKey open() {
            return TokenFixture.open(token.uri("p384"), p384);
        }

        @Override
        IssuerCertificate issuer() {
            return p384;
        }
    }

    @Nested
    class Rsa extends SigningKeyContract {
        @Override
        SigningKey open() {
            return TokenFixture.open(token.uri("rsa"), rsa);
        }

        @Override
        IssuerCertificate issuer() {
            return rsa;
        }
    }

    @Test
    void a_generated_key_is_sensitive_and_never_leaves_the_token() throws Exception {
        assertThat(token.pkcs11Tool("--list-objects", "--type", "privkey", "--label", "p256"))
                .contains("sensitive")
                .contains("never extractable");
    }

    @Test
    void what_the_token_has_no_mechanism_for_is_refused_and_loses_nothing() throws Exception {
        try (SigningKey key = open()) {
            assertThatThrownBy(() -> key.sign(SignatureScheme.ED25519, TBS, Duration.ofSeconds(2)))
                    .isInstanceOfSatisfying(
                            SigningKeyException.class,
                            e -> assertThat(e.kind()).isEqualTo(SigningKeyException.Kind.MISCONFIGURED));
            assertThat(key.status().losses()).isZero();
            assertThat(TestPki.verifies(p256, TBS, key.sign(TBS))).isTrue();
        }
    }

    @Test
    void a_key_whose_instance_has_ended_is_lost_whatever_it_is_to_sign_with() {
        Pkcs11Uri uri = Pkcs11Uri.parse(token.uri("p256"));
        TokenKey key = TokenKey.open(uri, Optional.empty());
        HsmLibrary.of(uri).retire(key, Duration.ofSeconds(2));
        for (SignatureScheme scheme : List.of(p256.scheme(), SignatureScheme.ED25519)) {
            assertThatThrownBy(() -> key.sign(scheme, TBS.bytes()))
                    .isInstanceOfSatisfying(
                            HsmException.class, e -> assertThat(e.kind()).isEqualTo(HsmException.Kind.LOST));
        }
    }

    /** CKR_MECHANISM_INVALID and CKR_MECHANISM_PARAM_INVALID, as of a token that limits the salt of RSASSA-PSS. */
    @ParameterizedTest
    @ValueSource(longs = {0x70, 0x71})
    void what_the_token_refuses_by_mechanism_only_when_it_signs_loses_nothing_either(long returned) throws Exception {
        try (Pkcs11Shim shim = Pkcs11Shim.around(token.modulePath());
                SigningKey key = TokenFixture.open(shim.uri(token, "p256"), p256)) {
            shim.fail("C_SignInit", returned);
            assertThatThrownBy(() -> key.sign(TBS))
                    .isInstanceOfSatisfying(
                            SigningKeyException.class,
                            e -> assertThat(e.kind()).isEqualTo(SigningKeyException.Kind.MISCONFIGURED));
            assertThat(key.status().losses()).isZero();
            shim.well();
            assertThat(TestPki.verifies(p256, TBS, key.sign(TBS))).isTrue();
        }
    }

    @Test
    void a_key_without_a_PIN_on_a_token_that_needs_one_is_a_mistake_and_not_away(@TempDir Path folder) {
        KeySettings settings = new KeySettings(
                Pkcs11Uri.parse(token.uri("p384")).withoutPin().toString(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                p384,
                1);
        KeyNeighbours neighbours = new KeyNeighbours(folder, new SecureRandom(), new NoOtherNodes(), () -> {});
        assertThatThrownBy(() -> SigningKeys.keep(settings, neighbours))
                .isInstanceOfSatisfying(
                        SigningKeyException.class,
                        e -> assertThat(e.kind()).isEqualTo(SigningKeyException.Kind.MISCONFIGURED))
                .hasMessageContaining("needs a PIN")
                .hasMessageContaining("pin-source");
    }

    @Test
    void a_login_in_a_process_that_is_logged_in_accepts_no_pin(@TempDir Path folder) {
        Optional<Secret> wrong = Optional.of(Secret.of("wrong"));
        Pkcs11Uri uri = Pkcs11Uri.parse(token.uri("p384"));
        try (SigningKey one = open()) {
            assertThat(one.status().canSign()).isTrue();
            RefusedPins pins = RefusedPins.in(folder, new SecureRandom());
            String identity = HsmModule.open(uri.modulePath()).token(uri).slot().identity();
            String unused = pins.add(identity, wrong);
            KeySettings settings = new KeySettings(
                    uri.withoutPin().toString(),
                    Optional.empty(),
                    Optional.of(Secret.of("mistyped")),
                    Optional.empty(),
                    p384,
                    1);
            SigningKeys.openOnce(settings, PinGate.ofService(pins, new NoOtherNodes()))
                    .close();
            assertThat(pins.knows(identity)).as("nothing was accepted").isTrue();
        }
    }

    @Test
    void a_key_is_found_by_id_alone_and_by_the_kms_uri_with_its_own_pin() throws Exception {
        // CKA_ID is the label's octets.
        String kms =
                "pkcs11:module-path=" + token.modulePath() + ";token=" + token.label() + "?pin-value=" + token.pin();
        try (SigningKey key =
                SigningKeys.open("pkcs11:id=70323536", Optional.of(kms), Optional.empty(), Optional.empty(), p256, 1)) {
            assertThat(TestPki.verifies(p256, TBS, key.sign(TBS))).isTrue();
        }
    }

    @Test
    void one_key_on_two_tokens_signs_for_the_same_issuer_from_either(@TempDir Path folder) throws Exception {
        KeyPair pair = TestPki.ec("secp256r1");
        IssuerCertificate issuer = TestPki.issuer(pair);
        Path key = folder.resolve("key.pem");
        Files.writeString(
                key,
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(pair.getPrivate().getEncoded())
                        + "\n-----END PRIVATE KEY-----\n");
        Path der = folder.resolve("issuer.der");
        Files.write(der, issuer.der().bytes());
        String pin = token.pin();
        token.run("softhsm2-util", "--init-token", "--free", "--label", "second", "--pin", pin, "--so-pin", pin);
        for (String label : List.of(token.label(), "second")) {
            token.run(("softhsm2-util --import " + key + " --token " + label + " --label both --id 79 --pin " + pin)
                    .split(" "));
            token.run(("pkcs11-tool --module " + token.modulePath() + " --token-label " + label + " --login --pin "
                            + pin + " --write-object " + der + " --type cert --id 79 --label both")
                    .split(" "));
            try (SigningKey opened =
                    TokenFixture.open(token.uri("both").replace("token=" + token.label(), "token=" + label), issuer)) {
                assertThat(TestPki.verifies(issuer, TBS, opened.sign(TBS))).isTrue();
            }
        }
    }

    @Test
    void a_key_of_another_issuer_is_refused() {
        assertFails(token.uri("p384"), p256, SigningKeyException.Kind.MISCONFIGURED, "does not belong");
    }

    @Test
    void a_missing_key_is_named() {
        assertFails(token.uri("nobody"), p256, SigningKeyException.Kind.MISCONFIGURED, "nobody");
    }

    @Test
    void a_missing_token_may_come_back() {
        assertFails(
                token.uri("p256").replace(token.label(), "elsewhere"),
                p256,
                SigningKeyException.Kind.AWAY,
                token.label());
    }

    @Test
    void a_missing_library_is_told_with_the_command_that_installs_it() {
        assertFails(
                token.uri("p256").replace("libsofthsm2", "libnothing"),
                p256,
                SigningKeyException.Kind.MISCONFIGURED,
                "apt-get install softhsm2");
    }

    @Test
    void a_key_without_a_certificate_beside_it_is_explained() throws Exception {
        token.pkcs11Tool("--keypairgen", "--key-type", "EC:prime256v1", "--label", "bare", "--id", "77");
        assertFails(
                token.uri("bare"),
                p256,
                SigningKeyException.Kind.MISCONFIGURED,
                "no certificate with the same CKA_ID (77)");
    }

    @Test
    void a_key_made_by_other_tools_serves_with_a_certificate_of_another_label(@TempDir Path folder) throws Exception {
        token.pkcs11Tool("--keypairgen", "--key-type", "EC:prime256v1", "--label", "tool", "--id", "78");
        Path spki = folder.resolve("key.der");
        token.pkcs11Tool("--read-object", "--type", "pubkey", "--id", "78", "-o", spki.toString());
        PublicKey publicKey =
                KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(Files.readAllBytes(spki)));
        // The certificate's own signature does not matter to the token: a placeholder does.
        IssuerCertificate issuer = IssuerCertificate.of(TestPki.selfSigned(publicKey, tbs -> TBS));
        Path der = folder.resolve("issuer.der");
        Files.write(der, issuer.der().bytes());
        token.pkcs11Tool("--write-object", der.toString(), "--type", "cert", "--id", "78", "--label", "other");
        try (SigningKey key = TokenFixture.open(token.uri("tool"), issuer)) {
            assertThat(TestPki.verifies(issuer, TBS, key.sign(TBS))).isTrue();
        }
    }

    private static void assertFails(String uri, IssuerCertificate issuer, SigningKeyException.Kind kind, String text) {
        assertThatThrownBy(() -> TokenFixture.open(uri, issuer).close())
                .isInstanceOfSatisfying(
                        SigningKeyException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContaining(text)
                .satisfies(e -> assertThat(e.toString()).doesNotContain(token.pin()));
    }
}
