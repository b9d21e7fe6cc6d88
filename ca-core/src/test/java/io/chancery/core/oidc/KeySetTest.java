package io.chancery.core.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.core.crypto.PublicKeys;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class KeySetTest {
    private static final PublicKeys KEYS = new PublicKeys(new BouncyCastleProvider());

    private static Map<String, Object> ec(String kid) throws Exception {
        return new HashMap<>(new ECKeyGenerator(Curve.P_256)
                .keyID(kid)
                .generate()
                .toPublicJWK()
                .toJSONObject());
    }

    private static KeySet set(List<?> members) {
        return KeySet.parse(JSONObjectUtils.toJSONString(Map.of("keys", members)), KEYS);
    }

    @Test
    void keys_are_found_by_their_id_several_may_share_one_and_those_without_are_named_by_the_empty_one()
            throws Exception {
        Map<String, Object> nameless = ec("x");
        nameless.remove("kid");
        KeySet set = set(List.of(ec("a"), ec("a"), ec("b"), nameless));
        assertThat(set.named("a")).hasSize(2);
        assertThat(set.named("b")).hasSize(1);
        assertThat(set.named("")).hasSize(1);
        assertThat(set.named("c")).isEmpty();
    }

    @Test
    void what_verifies_no_tokens_is_passed_over() throws Exception {
        Map<String, Object> forEncryption = ec("enc");
        forEncryption.put("use", "enc");
        Map<String, Object> shared =
                new OctetSequenceKey.Builder(new byte[32]).keyID("oct").build().toJSONObject();
        Map<String, Object> offTheCurve = ec("off");
        offTheCurve.put("x", offTheCurve.get("y"));
        KeySet set = set(
                List.of(forEncryption, shared, offTheCurve, Map.of("kty", "PQ", "kid", "pq"), Map.of(), 5, ec("good")));
        assertThat(set.size()).isEqualTo(1);
        assertThat(set.named("good")).hasSize(1);
    }

    @Test
    void of_a_key_that_was_published_whole_only_the_public_part_is_taken() throws Exception {
        Map<String, Object> whole =
                new RSAKeyGenerator(2048).keyID("r").generate().toJSONObject();
        assertThat(set(List.of(whole)).named("r")).singleElement().isInstanceOf(java.security.PublicKey.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[]}", "<html>", "{\"keys\":[{\"kty\":\"EC\"}]}"})
    void what_is_no_set_of_usable_keys_is_refused(String json) {
        assertThatThrownBy(() -> KeySet.parse(json, KEYS)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void more_than_a_hundred_keys_are_refused() throws Exception {
        List<Object> many = new ArrayList<>();
        for (int i = 0; i <= KeySet.MOST; i++) {
            many.add(ec("k"));
        }
        assertThatThrownBy(() -> set(many)).hasMessageContaining("more than 100");
    }
}
