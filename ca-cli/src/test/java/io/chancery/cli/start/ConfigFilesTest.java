package io.chancery.cli.start;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
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
        assertThat(read("pkcs11:object=k", "pkcs11:token=A", Map.of())
                        .standingPlace()
                        .pin())
                .isPresent();
        assertThat(read("pkcs11:token=A;object=k", "pkcs11:token=A", Map.of())
                        .standingPlace()
                        .pin())
                .isPresent();
        assertThat(read("pkcs11:token=B;object=k", "", Map.of()).standingPlace().pin())
                .as("beside no token")
                .isPresent();
        ConfigFiles another = read("pkcs11:token=B;object=k", "pkcs11:token=A", Map.of());
        assertThat(another.standingPlace().pin()).isEmpty();
        assertThat(another.kmsPin(Pkcs11Uri.parse("pkcs11:token=A;object=k"))).isPresent();
        Map<String, Object> ownToken = Map.of("kms", Map.of("uri", "pkcs11:token=B"));
        assertThat(read("pkcs11:object=k", "pkcs11:token=A", ownToken)
                        .standingPlace()
                        .pin())
                .as("this node's own token")
                .isEmpty();
    }

    @Test
    void an_entry_with_the_certificate_of_ca_jsons_issuer_and_a_key_says_where_the_key_is() throws Exception {
        IssuerPlace place = new IssuerPlace(folder);
        place.make("first");
        place.make("next");
        Map<String, Object> next = place.entry("next");
        next.put("key", "pkcs11:object=next");
        next.put("kms", Map.of("uri", "pkcs11:token=A"));
        Map<String, Object> chancery =
                Map.of("issuers", List.of(place.entry("first"), next), "kms", Map.of("key", "k"));
        ConfigFiles files = configured(place, "next", chancery);
        assertThat(files.issuerKey()).isEqualTo("pkcs11:object=next");
        assertThat(files.kmsUri()).contains("pkcs11:token=A");
        assertThat(files.entryWithIssuersKey().map(files::pointerToKey)).contains("/issuers/1/key");
        assertThat(place.load("next", chancery).issuers().standing().key().map(KeyedIssuer.KeyPlace::reference))
                .as("the key that the CA takes")
                .contains(files.issuerKey());

        next.remove("key");
        next.remove("kms");
        assertThat(configured(place, "next", chancery).issuerKey()).endsWith("/k");
        Files.delete(folder.resolve("next.crt"));
        assertThat(configured(place, "next", chancery).entryWithIssuersKey()).isEmpty();
    }

    private static ConfigFiles configured(IssuerPlace place, String standing, Map<String, Object> chancery)
            throws Exception {
        return ConfigFiles.read(
                place.configure(standing, chancery), false, new PrintStream(OutputStream.nullOutputStream()));
    }
}
