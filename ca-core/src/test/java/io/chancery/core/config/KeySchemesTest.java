package io.chancery.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class KeySchemesTest {
    private static final Path BASE = Path.of("/base");

    private static List<ConfigProblem> check(String key, String chancery) {
        String ca = "{\"root\":\"r.crt\",\"crt\":\"i.crt\",\"key\":\"" + key + "\",\"address\":\":9000\"}";
        return KeySchemes.check(
                CaConfigReader.read("ca.json", ca, BASE, BASE).config().orElseThrow(),
                ChanceryConfigReader.read("chancery.json", chancery, BASE)
                        .config()
                        .orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(strings = {"awskms:key-id=1", "yubikey:slot-id=9c?pin-value=secret", "softkms:path=a.pem", "PKCS1:x"})
    void a_key_in_what_is_no_PKCS_11_token_is_refused_by_its_scheme_alone(String key) {
        assertThat(check(key, "{}")).singleElement().satisfies(problem -> {
            assertThat(problem.file()).isEqualTo("ca.json");
            assertThat(problem.pointer()).isEqualTo("/key");
            assertThat(problem.found())
                    .startsWith("\"" + key.substring(0, key.indexOf(':') + 1))
                    .doesNotContain("secret");
            assertThat(problem.allowed()).contains("pkcs11:");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"i.key", "/etc/i.key", "pkcs11:object=i", "PKCS11:object=i"})
    void a_file_and_a_token_in_any_case_are_places_of_a_key(String key) {
        assertThat(check(key, "{}")).isEmpty();
    }

    @Test
    void the_place_in_ca_json_may_be_any_where_chancery_json_has_another() {
        assertThat(check("awskms:key-id=1", "{\"kms\":{\"key\":\"pkcs11:object=i\"}}"))
                .isEmpty();
    }

    @Test
    void what_chancery_json_says_is_held_to_the_same() {
        assertThat(
                        check(
                                "i.key",
                                "{\"kms\":{\"key\":\"cloudkms:x\"},\"issuers\":[{\"name\":\"a\",\"crt\":\"a.crt\",\"key\":\"azurekms:y\"}]}"))
                .extracting(ConfigProblem::file, ConfigProblem::pointer)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("chancery.json", "/kms/key"),
                        org.assertj.core.groups.Tuple.tuple("chancery.json", "/issuers/0/key"));
    }
}
