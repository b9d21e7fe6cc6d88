package io.chancery.signer.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.crypto.SignatureScheme;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class NeededMechanismTest {
    @Test
    void a_token_with_rsa_alone_does_not_sign_with_ecdsa_nor_the_other_way() {
        List<String> rsa = List.of("CKM_RSA_PKCS", "CKM_SHA256_RSA_PKCS", "CKM_SHA384_RSA_PKCS");
        assertThat(NeededMechanism.RSA.isAmong(rsa)).isTrue();
        assertThat(NeededMechanism.ECDSA.isAmong(rsa)).isFalse();
        List<String> ec = List.of("CKM_ECDSA_SHA256");
        assertThat(NeededMechanism.ECDSA.isAmong(ec)).isTrue();
        assertThat(NeededMechanism.RSA.isAmong(ec)).isFalse();
        assertThat(NeededMechanism.ECDSA.isAmong(List.of("CKM_RSA_PKCS_PSS", "CKM_MD5_RSA_PKCS", "CKM_ECDSA_SHA1")))
                .isFalse();
        assertThat(NeededMechanism.RSA.isAmong(List.of("CKM_RSA_PKCS_PSS", "CKM_MD5_RSA_PKCS")))
                .isFalse();
    }

    @Test
    void a_token_with_other_kinds_of_rsa_does_not_sign_with_pss() {
        assertThat(NeededMechanism.RSA_PSS.isAmong(
                        List.of("CKM_RSA_PKCS", "CKM_SHA256_RSA_PKCS", "CKM_SHA1_RSA_PKCS_PSS")))
                .isFalse();
        assertThat(NeededMechanism.RSA_PSS.isAmong(List.of("CKM_RSA_PKCS_PSS"))).isTrue();
        // Java's provider does not make RSASSA-PSS of it.
        assertThat(NeededMechanism.RSA_PSS.isAmong(List.of("CKM_SHA256_RSA_PKCS_PSS")))
                .isFalse();
    }

    @Test
    void where_nobody_has_said_how_the_key_is_to_sign_one_type_of_key_is_enough() {
        for (List<String> signing : List.of(List.of("CKM_RSA_PKCS"), List.of("CKM_ECDSA"))) {
            assertThat(NeededMechanism.values()).noneMatch(needed -> needed.isMissing(Optional.empty(), signing));
        }
        assertThat(NeededMechanism.values())
                .filteredOn(needed -> needed.isMissing(Optional.empty(), List.of("CKM_RSA_PKCS_PSS")))
                .containsExactly(NeededMechanism.ECDSA, NeededMechanism.RSA);
        assertThat(NeededMechanism.values())
                .filteredOn(
                        needed -> needed.isMissing(Optional.of(SignatureScheme.ECDSA_SHA256), List.of("CKM_RSA_PKCS")))
                .containsExactly(NeededMechanism.ECDSA);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ED25519")
    void each_scheme_needs_one_mechanism(SignatureScheme scheme) {
        assertThat(NeededMechanism.values())
                .satisfiesOnlyOnce(needed -> assertThat(needed.isFor(scheme)).isTrue());
    }
}
