package io.chancery.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.Provider;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BouncyCastleTest {
    @Test
    void what_is_used_of_it_is_what_it_has_under_that_name() {
        assertThat(BouncyCastle.PROVIDER.getServices()).hasSize(11);
        for (Provider.Service used : BouncyCastle.PROVIDER.getServices()) {
            assertThat(BouncyCastle.whole().getService(used.getType(), used.getAlgorithm()))
                    .as(used.toString())
                    .isNotNull()
                    .extracting(Provider.Service::getClassName)
                    .isEqualTo(used.getClassName());
        }
        assertThat(BouncyCastle.whole().getName()).isEqualTo(BouncyCastle.PROVIDER.getName());
    }
}
