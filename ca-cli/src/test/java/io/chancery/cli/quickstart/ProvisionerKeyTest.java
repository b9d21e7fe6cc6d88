package io.chancery.cli.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.crypto.PasswordBasedDecrypter;
import com.nimbusds.jose.jwk.ECKey;
import java.security.SecureRandom;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** The form that step gives to a provisioner's key, and publishes. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ProvisionerKeyTest {
    private static final String PASSWORD = "a password";

    @Test
    void it_is_encrypted_by_the_password_as_step_does_it() throws Exception {
        ProvisionerKey key = ProvisionerKey.generate(new SecureRandom());
        JWEObject jwe = JWEObject.parse(key.encrypt(PASSWORD));
        JWEHeader header = jwe.getHeader();
        assertThat(header.getIncludedParams()).containsExactlyInAnyOrder("alg", "enc", "cty", "p2c", "p2s");
        assertThat(header.getAlgorithm()).isEqualTo(JWEAlgorithm.PBES2_HS256_A128KW);
        assertThat(header.getEncryptionMethod()).isEqualTo(EncryptionMethod.A256GCM);
        assertThat(header.getContentType()).isEqualTo("jwk+json");
        assertThat(header.getPBES2Count()).isEqualTo(600_000);
        assertThat(header.getPBES2Salt().decode()).hasSize(16);
        jwe.decrypt(new PasswordBasedDecrypter(PASSWORD));
        ECKey decrypted = ECKey.parse(jwe.getPayload().toString());
        assertThat(decrypted.isPrivate()).isTrue();
        assertThat(decrypted.toPublicJWK()).isEqualTo(ECKey.parse(key.publicJson()));
    }

    @Test
    void its_id_is_its_thumbprint_and_what_is_published_has_no_private_part() throws Exception {
        ECKey published =
                ECKey.parse(ProvisionerKey.generate(new SecureRandom()).publicJson());
        assertThat(published.isPrivate()).isFalse();
        assertThat(published.getKeyID())
                .isEqualTo(published.computeThumbprint("SHA-256").toString());
        assertThat(published.toJSONObject())
                .containsOnlyKeys("use", "kty", "kid", "crv", "alg", "x", "y")
                .containsEntry("use", "sig")
                .containsEntry("kty", "EC")
                .containsEntry("crv", "P-256")
                .containsEntry("alg", "ES256");
    }
}
