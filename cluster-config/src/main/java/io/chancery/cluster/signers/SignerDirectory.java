package io.chancery.cluster.signers;

import io.chancery.cluster.bus.NodeId;
import io.chancery.core.certificate.KeyId;
import io.vertx.core.Future;
import java.util.Set;

/** Which nodes say that they sign with a key. A hint of where to ask, never a permission. */
public interface SignerDirectory {
    /** Makes this node known, and keeps it so until it is withdrawn or gone. */
    Future<Void> announce(KeyId key, NodeId node);

    Future<Void> withdraw(KeyId key, NodeId node);

    /**
     * The nodes known at this moment, not to be changed. Never waits, and takes no longer the more there are: whoever is
     * in the grid can write as many as it likes, and this is called on event loops.
     */
    Set<NodeId> signers(KeyId key);
}
