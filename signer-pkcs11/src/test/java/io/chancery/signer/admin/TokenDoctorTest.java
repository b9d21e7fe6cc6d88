package io.chancery.signer.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TokenDoctorTest {
    @Test
    void a_token_with_rsa_alone_does_not_sign_with_ecdsa_nor_the_other_way() {
        List<String> rsa = List.of("CKM_RSA_PKCS", "CKM_SHA256_RSA_PKCS", "CKM_SHA384_RSA_PKCS");
        assertThat(TokenDoctor.signsWith(rsa, "CKM_RSA_PKCS")).isTrue();
        assertThat(TokenDoctor.signsWith(rsa, "CKM_ECDSA")).isFalse();
        List<String> ec = List.of("CKM_ECDSA_SHA256");
        assertThat(TokenDoctor.signsWith(ec, "CKM_ECDSA")).isTrue();
        assertThat(TokenDoctor.signsWith(ec, "CKM_RSA_PKCS")).isFalse();
        assertThat(TokenDoctor.signsWith(
                        List.of("CKM_RSA_PKCS_PSS", "CKM_MD5_RSA_PKCS", "CKM_ECDSA_SHA1"), "CKM_ECDSA"))
                .isFalse();
        assertThat(TokenDoctor.signsWith(List.of("CKM_RSA_PKCS_PSS", "CKM_MD5_RSA_PKCS"), "CKM_RSA_PKCS"))
                .isFalse();
    }
}
