package io.chancery.signer.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.secret.Secret;
import io.chancery.signer.TestPki;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Optional;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaMiscPEMGenerator;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.openssl.jcajce.JcePEMEncryptorBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PemSigningKeyTest extends SigningKeyContract {
    private static final String PASSWORD = "päss wörd";

    @TempDir
    Path folder;

    private KeyPair pair;
    private IssuerCertificate issuer;

    @BeforeEach
    void key() throws Exception {
        pair = TestPki.ec("secp256r1");
        issuer = TestPki.issuer(pair);
    }

    @Override
    SigningKey open() {
        try {
            return open(pkcs8(pair), Optional.empty());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    IssuerCertificate issuer() {
        return issuer;
    }

    private SigningKey open(String pem, Optional<String> password) throws IOException {
        Path file = folder.resolve("key.pem");
        Files.writeString(file, pem);
        return SigningKeys.open(
                file.toString(), Optional.empty(), Optional.empty(), password.map(Secret::of), issuer, 1);
    }

    private static String pem(Object object) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(object);
        }
        return text.toString();
    }

    private static String pkcs8(KeyPair pair) throws IOException {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(new PemObject("PRIVATE KEY", pair.getPrivate().getEncoded()));
        }
        return text.toString();
    }

    /** The key as BouncyCastle holds it: that writes an EC key's curve into SEC1, as openssl and step do. */
    private static PrivateKey traditional(KeyPair pair) throws Exception {
        return KeyFactory.getInstance(pair.getPrivate().getAlgorithm(), new BouncyCastleProvider())
                .generatePrivate(new PKCS8EncodedKeySpec(pair.getPrivate().getEncoded()));
    }

    private void assertSigns(SigningKey key) throws Exception {
        try (key) {
            assertThat(TestPki.verifies(issuer, TBS, key.sign(TBS))).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"secp256r1", "secp384r1", "secp521r1", "RSA", "Ed25519"})
    void every_type_of_key_signs_from_PKCS8_and_from_its_own_form(String type) throws Exception {
        if (type.equals("RSA")) {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            pair = generator.generateKeyPair();
        } else if (type.equals("Ed25519")) {
            pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } else {
            pair = TestPki.ec(type);
        }
        issuer = TestPki.issuer(pair);
        assertSigns(open(pkcs8(pair), Optional.empty()));
        assertSigns(open(pem(traditional(pair)), Optional.empty())); // SEC1 or PKCS#1 where the type has such a form
    }

    @ParameterizedTest
    @ValueSource(strings = {"AES-256-CBC", "AES-128-CBC", "DES-EDE3-CBC"})
    void an_RFC_1423_file_opens_with_its_password_alone(String cipher) throws Exception {
        // In UTF-8, as OpenSSL has it.
        String pem = pem(new JcaMiscPEMGenerator(
                traditional(pair),
                new JcePEMEncryptorBuilder(cipher)
                        .setProvider(new BouncyCastleProvider())
                        .build(PASSWORD.toCharArray())));
        assertThat(pem).contains("Proc-Type: 4,ENCRYPTED");
        assertSigns(open(pem, Optional.of(PASSWORD)));
        assertFails(pem, Optional.of("wrong"), "the password does not open the key file");
        assertFails(pem, Optional.empty(), "encrypted and no password was given");
    }

    /** Written by {@code openssl ec -aes256}. */
    @Test
    void a_password_with_letters_beyond_ASCII_opens_what_OpenSSL_wrote() throws Exception {
        String pem = """
                -----BEGIN EC PRIVATE KEY-----
                Proc-Type: 4,ENCRYPTED
                DEK-Info: AES-256-CBC,AB0C5D68AC638142E5CC72C2A9ED0700

                hZUR6PqBn40LlR6noxLBdqWq5TtmxY/Jew6IP/BgOR90O5wqfMdJxnm2Q+AmEOgk
                Z6uUCXwXFZfQJ940faY8fWKhsvOQnmeSksrrH3r4sQYbz5o1hoBHEyoYkBncZLWN
                4kO06jw+3yOqGNknuP8ld4s9LCLAO9ZQJn8dWh77Li8=
                -----END EC PRIVATE KEY-----
                """;
        assertFails(pem, Optional.of("päss"), "does not belong to the issuer's certificate");
        assertFails(pem, Optional.of("pass"), "the password does not open the key file");
    }

    @Test
    void a_PBES2_file_opens_with_its_password_alone() throws Exception {
        String pem = pem(new JcaPKCS8Generator(
                pair.getPrivate(),
                new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
                        .setProvider(new BouncyCastleProvider())
                        .setRandom(new SecureRandom())
                        .setPassword(PASSWORD.toCharArray())
                        .build()));
        assertThat(pem).contains("BEGIN ENCRYPTED PRIVATE KEY");
        assertSigns(open(pem, Optional.of(PASSWORD)));
        assertFails(pem, Optional.of("wrong"), "the password does not open the key file");
        assertFails(pem, Optional.empty(), "encrypted and no password was given");
    }

    @Test
    void parameters_before_the_key_are_passed_over() throws Exception {
        String parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
        assertSigns(open(parameters + pem(traditional(pair)), Optional.empty()));
    }

    @Test
    void the_key_of_another_issuer_is_refused() throws Exception {
        assertFails(pkcs8(TestPki.ec("secp256r1")), Optional.empty(), "does not belong to the issuer's certificate");
        assertFails(pkcs8(TestPki.ec("secp384r1")), Optional.empty(), "does not belong to the issuer's certificate");
        KeyPair other = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        assertFails(pkcs8(other), Optional.empty(), "does not belong to the issuer's certificate");
    }

    @Test
    void what_is_no_key_is_told_so() {
        assertFails("", Optional.empty(), "holds no private key");
        assertFails(
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", Optional.empty(), "not readable PEM");
        assertThatThrownBy(() -> SigningKeys.open(
                        folder.resolve("none").toString(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        issuer,
                        1))
                .hasMessageContaining("does not exist");
    }

    private void assertFails(String pem, Optional<String> password, String text) {
        assertThatThrownBy(() -> open(pem, password).close())
                .isInstanceOfSatisfying(
                        SigningKeyException.class,
                        e -> assertThat(e.kind()).isEqualTo(SigningKeyException.Kind.MISCONFIGURED))
                .hasMessageContaining(text);
    }
}
