package io.chancery.node.revocation;

import io.chancery.core.certificate.KeyId;
import io.chancery.core.der.Sha256;
import io.chancery.core.revocation.PreparedRevocation;
import io.chancery.node.issuance.Deadline;
import io.vertx.core.Future;
import java.util.Optional;

/**
 * The authority for "revoked": the store as revocation needs it. A call is durable when its Future succeeds, and from then
 * on every node refuses to renew the certificate.
 */
public interface RevocationLedger {
    /**
     * Records the use of the token and the revocation, in one transaction, unless the token is used or the serial is
     * revoked. Can fail with STORE_UNAVAILABLE, OVERLOADED, DEADLINE_EXCEEDED.
     */
    Future<Outcome> revoke(Claim claim, Deadline deadline);

    /**
     * What is asked.
     *
     * @param repeatKey of the client's Idempotency-Key and the request; empty when it sent none
     */
    record Claim(PreparedRevocation revocation, Optional<Sha256> repeatKey, String requestId) {}

    /** What became of a claim. */
    sealed interface Outcome {
        /**
         * By this request, or by one of which it is a repeat.
         *
         * @param issuer whose list names it; every list when empty
         */
        record Revoked(Optional<KeyId> issuer) implements Outcome {}

        /** By another request before; nothing has changed. */
        record AlreadyRevoked() implements Outcome {}

        /** The certificate that was shown is none that this CA has issued; nothing has changed. */
        record NotOurs() implements Outcome {}

        /** The token has been used, or cannot be taken; 401. */
        record Used(String privateReason) implements Outcome {}
    }
}
