package io.chancery.cluster.signers;

import io.chancery.cluster.bus.NodeId;
import io.chancery.core.certificate.KeyId;
import io.vertx.core.Future;
import java.util.List;

/** Which nodes say that they sign with a key. A hint of where to ask, never a permission. */
public interface SignerDirectory {
    /** Makes this node known, and keeps it so until it is withdrawn or gone. */
    Future<Void> announce(KeyId key, NodeId node);

    Future<Void> withdraw(KeyId key, NodeId node);

    /** The nodes known at this moment; never waits, so it may be called on an event loop. */
    List<NodeId> signers(KeyId key);
}
