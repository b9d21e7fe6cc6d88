package io.chancery.node.issuance;

import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.core.issuance.PreparedIssuance;
import io.chancery.core.issuance.TokenUse;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The authority for "used" and "issued": the store as the issuance flow needs it. Each call is durable when its Future
 * succeeds. Futures complete on the caller's context; each call gives up at its deadline.
 *
 * <p>Every Future can fail with CaException STORE_UNAVAILABLE (down, full, or a commit in doubt), OVERLOADED (queue
 * full) or DEADLINE_EXCEEDED.
 */
public interface IssuanceLedger {
    /**
     * Records the use of the token and the certificate to be signed, in one transaction, unless the token is used, or a
     * certificate is revoked that is to be renewed or that the token rests on. From the deadline on a repeat may take the row up.
     */
    Future<Reservation> reserve(Claim claim, Deadline deadline);

    /** Records the server's own certificate to be signed: a row without a token, finished and released as any other. */
    Future<Void> reserveOwn(PreparedCertificate certificate, String requestId, Deadline deadline);

    /** {@code reserved → issued} with the certificate; answers the certificate that is stored, which may be another one. */
    Future<Der> finish(SerialNumber serial, Der certificate, String requestId, Deadline deadline);

    /**
     * {@code reserved → voided} and the token free again, in one transaction, unless a repeat has taken the row up.
     * Answers whether it did.
     */
    Future<Boolean> release(SerialNumber serial, String requestId, String reason, Deadline deadline);

    /** Name of the provisioner that a certificate was recorded with; empty when it was not, or without one. */
    Future<Optional<String>> recordedProvisioner(SerialNumber serial, Deadline deadline);

    /**
     * What is asked of {@link #reserve}.
     *
     * @param repeatKey SHA-256(token id ‖ Idempotency-Key ‖ SHA-256(CSR)); empty when the client sent no key
     * @param asked the moment of the request
     */
    record Claim(PreparedIssuance issuance, Optional<Sha256> repeatKey, String requestId, Instant asked) {
        private static final Duration REPEATABLE = Duration.ofDays(1);

        /**
         * What can be used once: the token, else what the client's key makes of the request, for a day; empty for one that
         * needs no token and cannot be known again.
         */
        public Optional<TokenUse> use() {
            return issuance.grant()
                    .token()
                    .or(() -> repeatKey.map(key -> new TokenUse(
                            key,
                            // As a token would say it: an epoch of the store that asks for that takes the key, too.
                            Optional.of(asked),
                            Optional.of(asked.plus(REPEATABLE)),
                            issuance.grant().provisioner())));
        }
    }

    /** What became of a claim. */
    sealed interface Reservation {
        /** The token is this request's; its row and certificate are recorded. */
        record Owned() implements Reservation {}

        /**
         * The token has been used, or may have been, or rests on a certificate that is revoked; 401.
         *
         * @param spent what other nodes may be told of it; empty unless nothing can make the token free again
         */
        record Used(String privateReason, Optional<Spent> spent) implements Reservation {
            /** Of a token that may be free again, or that was refused for another reason than its use. */
            public Used(String privateReason) {
                this(privateReason, Optional.empty());
            }
        }

        /** The certificate that is to be renewed is revoked; 401. */
        record Revoked() implements Reservation {}

        /** A repeat with the same token, key and CSR, and the certificate is there. */
        record AlreadyIssued(SerialNumber serial, Der certificate) implements Reservation {}

        /** A repeat while the first request's deadline still runs; 503. */
        record StillRunning() implements Reservation {}

        /** A repeat of a request that ended without an answer: the recorded bytes are to be signed. The row is marked as taken up. */
        record TakenUp(SerialNumber serial, Der tbs) implements Reservation {}
    }

    /**
     * A token that stays used: its certificate's row is issued or abandoned.
     *
     * @param repeatKey of the row when it is issued: a request that shows it has a right to the certificate; empty when
     *     there is none or it is abandoned
     */
    record Spent(Optional<Sha256> repeatKey) {}
}
