package io.chancery.signer.hsm;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.Provider;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TokenKeyTest {
    /** As SunPKCS11: with services for what the token can, or none when it was removed. */
    private static Provider offering(String... services) {
        Provider provider = new Provider("test", "1", "") {
            private static final long serialVersionUID = 1L;
        };
        List.of(services).forEach(service -> {
            Object unused = provider.put(service, "none");
        });
        return provider;
    }

    @Test
    void a_token_has_no_mechanism_only_where_its_instance_still_offers_others() {
        String ecdsa = "SHA256withECDSA";
        assertThat(TokenKey.isWithout(offering("KeyStore.PKCS11"), ecdsa)).isTrue();
        assertThat(TokenKey.isWithout(offering(), ecdsa))
                .as("the token was removed")
                .isFalse();
        assertThat(TokenKey.isWithout(offering("KeyStore.PKCS11", "Signature." + ecdsa), ecdsa))
                .as("the token is about to be")
                .isFalse();
    }
}
