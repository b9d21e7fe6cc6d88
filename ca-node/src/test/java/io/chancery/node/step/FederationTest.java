package io.chancery.node.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.node.issuance.IssuanceFixture;
import java.security.cert.X509Certificate;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class FederationTest {
    @Test
    void a_root_that_is_named_as_a_federated_one_too_is_listed_once() throws Exception {
        X509Certificate a = IssuanceFixture.create("A").issuer().certificate();
        X509Certificate b = IssuanceFixture.create("B").issuer().certificate();
        X509Certificate c = IssuanceFixture.create("C").issuer().certificate();
        assertThat(TrustHandlers.federation(List.of(a, b), List.of(b, c, a))).containsExactly(a, b, c);
    }
}
