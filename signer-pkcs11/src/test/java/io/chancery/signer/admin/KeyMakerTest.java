package io.chancery.signer.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class KeyMakerTest {
    @Test
    void a_token_makes_keys_of_the_kinds_that_it_has_mechanisms_for() {
        List<String> onlyEc = List.of("CKM_EC_KEY_PAIR_GEN", "CKM_EC_EDWARDS_KEY_PAIR_GEN");
        assertThat(KeyMaker.missing(onlyEc, KeyAlgorithm.EC_P384)).isEmpty();
        assertThat(KeyMaker.missing(onlyEc, KeyAlgorithm.RSA_3072)).contains("CKM_RSA_PKCS_KEY_PAIR_GEN");
        assertThat(KeyMaker.missing(List.of(), KeyAlgorithm.EC_P256)).contains("CKM_EC_KEY_PAIR_GEN");
    }
}
