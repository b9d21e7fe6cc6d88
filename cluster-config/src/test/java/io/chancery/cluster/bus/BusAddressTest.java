package io.chancery.cluster.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.certificate.KeyId;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BusAddressTest {
    private static final NodeId NODE = new NodeId("n1");

    @Test
    void an_address_is_the_one_that_nodes_of_neighbouring_versions_write_to() {
        assertThat(BusAddress.signer(new KeyId("00112233445566778899aabbccddeeff"), NODE))
                .isEqualTo("signer.v1.00112233445566778899aabbccddeeff.n1");
        assertThat(BusAddress.node(NODE)).isEqualTo("node.v1.n1");
        assertThat(BusAddress.checkUp(NODE)).isEqualTo("checkup.v1.n1");
    }
}
