package io.chancery.signer.key;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.secret.Secret;
import io.chancery.signer.TestPki;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class KeyProbeMainTest {
    @Test
    void the_question_arrives_as_it_was_asked_with_the_very_PIN_or_none() throws Exception {
        IssuerCertificate issuer = TestPki.issuer(TestPki.ec("secp256r1"));
        for (Optional<String> pin : List.of(Optional.of(" pä 1 "), Optional.of(""), Optional.<String>empty())) {
            KeySettings asked = new KeySettings(
                    "pkcs11:object=k", Optional.of("pkcs11:token=t"), pin.map(Secret::of), Optional.empty(), issuer, 7);
            byte[] request = KeyProbeMain.request(asked, Path.of("/data"));
            KeyProbeMain.Question read = KeyProbeMain.read(new DataInputStream(new ByteArrayInputStream(request)));
            assertThat(read.folder()).isEqualTo(Path.of("/data"));
            assertThat(read.settings().reference()).isEqualTo("pkcs11:object=k");
            assertThat(read.settings().kmsUri()).contains("pkcs11:token=t");
            assertThat(read.settings().kmsPin().map(secret -> new String(secret.chars())))
                    .isEqualTo(pin);
            assertThat(read.settings().issuer().certificate()).isEqualTo(issuer.certificate());
        }
    }
}
