package io.chancery.cluster.signers;

import io.chancery.cluster.bus.NodeId;
import io.chancery.core.certificate.KeyId;
import io.vertx.core.Future;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The directory of a node that runs alone. */
public final class LocalSignerDirectory implements SignerDirectory {
    private final Map<KeyId, NodeId> signers = new ConcurrentHashMap<>();

    @Override
    public Future<Void> announce(KeyId key, NodeId node) {
        signers.put(key, node);
        return Future.succeededFuture();
    }

    @Override
    public Future<Void> withdraw(KeyId key, NodeId node) {
        signers.remove(key, node);
        return Future.succeededFuture();
    }

    @Override
    public Set<NodeId> signers(KeyId key) {
        NodeId node = signers.get(key);
        return node == null ? Set.of() : Set.of(node);
    }
}
