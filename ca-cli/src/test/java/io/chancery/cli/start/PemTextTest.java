package io.chancery.cli.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.cli.UsageException;
import io.chancery.core.config.CaConfig;
import io.chancery.core.config.CaConfigReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people write around PEM blocks, and how they name keys on tokens. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PemTextTest {
    private static final List<Charset> ENCODINGS = List.of(StandardCharsets.UTF_8, StandardCharsets.ISO_8859_1);

    @TempDir
    Path folder;

    private Path written(String text, Charset encoding) throws Exception {
        return Files.writeString(folder.resolve("file.pem"), "# Z\u00fcrich\n" + text, encoding);
    }

    private CaConfig config() {
        String json = "{\"root\":\"r\",\"crt\":\"c\",\"key\":\"k\",\"address\":\":9000\"}";
        return CaConfigReader.read("ca.json", json, folder, folder).config().orElseThrow();
    }

    @Test
    void certificates_are_read_whatever_stands_around_them() throws Exception {
        IssuerPlace place = new IssuerPlace(folder);
        X509Certificate one = place.certificate("One", "Root");
        place.write("one.crt", one);
        String pem = Files.readString(folder.resolve("one.crt"));
        for (Charset encoding : ENCODINGS) {
            assertThat(CertificateFiles.read(written(pem, encoding))).containsExactly(one);
        }
    }

    @Test
    void a_key_needs_a_password_or_none_whatever_stands_around_it() throws Exception {
        for (Charset encoding : ENCODINGS) {
            String plain = written("-----BEGIN PRIVATE KEY-----\n", encoding).toString();
            assertThat(KeyPassword.find(config(), plain, null)).isEmpty();
        }
    }

    @Test
    void a_key_on_a_token_is_no_file_however_its_scheme_is_written() throws Exception {
        for (String uri : List.of("pkcs11:object=ca", "PKCS11:object=ca", "Pkcs11:object=ca")) {
            assertThat(KeyPassword.find(config(), uri, null)).isEmpty();
        }
        assertThatThrownBy(
                        () -> KeyPassword.find(config(), folder.resolve("none").toString(), null))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("cannot read the key");
    }
}
