package io.chancery.signer.key;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.der.Der;
import io.chancery.core.secret.Secret;
import io.chancery.signer.TestPki;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.Optional;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Key files as the real step client writes them; make.sh beside them says how. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class StepKeyFilesTest {
    private static final Path FIXTURES = Path.of("src/test/resources/testdata/key");
    private static final Der TBS = Der.of(new byte[] {0x30, 0});

    @ParameterizedTest
    @ValueSource(strings = {"ec-p256", "ec-p521", "rsa", "ed25519"})
    void an_encrypted_file_of_step_opens(String name) throws Exception {
        IssuerCertificate issuer =
                IssuerCertificate.of(TestPki.selfSigned(publicKey(FIXTURES.resolve(name + ".pub")), tbs -> TBS));
        Secret password = Secret.of(Files.readString(FIXTURES.resolve("password.txt")));
        try (SigningKey key = SigningKeys.open(
                FIXTURES.resolve(name + ".pem").toString(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(password),
                issuer,
                1)) {
            assertThat(TestPki.verifies(issuer, TBS, key.sign(TBS))).isTrue();
        }
    }

    private static PublicKey publicKey(Path file) throws Exception {
        try (Reader reader = Files.newBufferedReader(file);
                PEMParser parser = new PEMParser(reader)) {
            return new JcaPEMKeyConverter().getPublicKey((SubjectPublicKeyInfo) parser.readObject());
        }
    }
}
