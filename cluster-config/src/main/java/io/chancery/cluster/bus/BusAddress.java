package io.chancery.cluster.bus;

import io.chancery.core.certificate.KeyId;

/** Addresses on the event bus. They carry version, key and node, so a request reaches the signer that was chosen. */
public final class BusAddress {
    private BusAddress() {}

    /** Where a node answers how it is. */
    public static String node(NodeId node) {
        return "node.v1." + node;
    }

    /** Where a node says what people compare. */
    public static String checkUp(NodeId node) {
        return "checkup.v1." + node;
    }

    public static String signer(KeyId keyId, NodeId node) {
        return "signer.v1." + keyId + "." + node;
    }
}
