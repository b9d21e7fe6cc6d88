package io.chancery.cli.start;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class ConfigFilesTest {
    @TempDir
    private Path folder;

    private ConfigFiles read(String key, String kmsUri, Map<String, Object> chancery) throws Exception {
        Map<String, Object> kms = new HashMap<>(Map.of("type", "pkcs11", "pin", "1234"));
        if (!kmsUri.isEmpty()) {
            kms.put("uri", kmsUri);
        }
        Map<String, Object> all = Map.of(
                "root",
                "root.crt",
                "crt",
                "ca.crt",
                "key",
                key,
                "address",
                ":0",
                "kms",
                kms,
                "db",
                Map.of("type", "badgerv2", "dataSource", folder.resolve("db").toString()));
        Files.writeString(folder.resolve("chancery.json"), JSONObjectUtils.toJSONString(chancery));
        Path caJson = Files.writeString(folder.resolve("ca.json"), JSONObjectUtils.toJSONString(all));
        return ConfigFiles.read(caJson, false, new PrintStream(OutputStream.nullOutputStream()));
    }

    @Test
    void the_PIN_of_ca_json_is_for_the_token_beside_it_alone() throws Exception {
        assertThat(read("pkcs11:object=k", "pkcs11:token=A", Map.of()).kmsPin()).isPresent();
        assertThat(read("pkcs11:token=A;object=k", "pkcs11:token=A", Map.of()).kmsPin())
                .isPresent();
        assertThat(read("pkcs11:token=B;object=k", "", Map.of()).kmsPin())
                .as("beside no token")
                .isPresent();
        ConfigFiles another = read("pkcs11:token=B;object=k", "pkcs11:token=A", Map.of());
        assertThat(another.kmsPin()).isEmpty();
        assertThat(another.kmsPin(Pkcs11Uri.parse("pkcs11:token=A;object=k"))).isPresent();
        Map<String, Object> ownToken = Map.of("kms", Map.of("uri", "pkcs11:token=B"));
        assertThat(read("pkcs11:object=k", "pkcs11:token=A", ownToken).kmsPin())
                .as("this node's own token")
                .isEmpty();
    }
}
