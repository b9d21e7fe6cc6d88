package io.chancery.node.store;

import io.chancery.core.certificate.KeyId;
import io.chancery.core.der.Sha256;
import io.chancery.core.issuer.Issuers;
import io.chancery.node.issuance.Deadline;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;

/**
 * Which issuers this node had in its configuration, so that none is left out whose certificates are still good: they could
 * neither be listed as revoked nor be told from a stranger's.
 */
public interface IssuerMemory {
    /**
     * An issuer that this node had before.
     *
     * @param certificate its hash
     * @param until end of the last certificate that it signed
     */
    record Missed(String name, KeyId key, Sha256 certificate, Instant until) {}

    /**
     * Those that this node had before, that are not among these, and that signed certificates which have not ended. Fails
     * with STORE_UNAVAILABLE, OVERLOADED, DEADLINE_EXCEEDED.
     */
    Future<List<Missed>> missed(Issuers configured, Deadline deadline);

    /** From now on this node has these; lists of those that no node has any more are dropped. Fails as {@link #missed}. */
    Future<Void> remember(Issuers configured, Deadline deadline);
}
