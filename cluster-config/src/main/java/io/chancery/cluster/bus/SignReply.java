package io.chancery.cluster.bus;

import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;

/**
 * A signer's answer. Expected refusals are values; a failed Future means infrastructure, and only that leaves open
 * whether something was signed.
 */
public sealed interface SignReply {
    /**
     * Signed.
     *
     * @param signature the signature value, as it stands in the certificate's BIT STRING
     * @param rulesHash of the rules it was checked against
     */
    record Signed(Der signature, Sha256 rulesHash) implements SignReply {}

    /** Not signed and not refused for good: another signer may do it. */
    record Declined(Reason reason, String detail) implements SignReply {}

    /** Not signed: it breaks this signer's rules. The detail is for logs. */
    record Refused(String rule, String detail) implements SignReply {}

    /** How the signer is: the answer to a {@link SignerProbe}. */
    record State(boolean canSign, Sha256 issuerHash, Sha256 rulesHash, String detail) implements SignReply {}

    /** Why a signer declines. The ordinal is not on the wire; {@link #wireCode()} is. */
    enum Reason {
        /** Its issuer's certificate is another one. */
        NOT_MY_ISSUER(1),
        /** Its threads or sessions are all taken. */
        BUSY(2),
        /** Its key is away and being brought back. */
        HEALING(3),
        /** The deadline would pass before it could sign. */
        TOO_LATE(4),
        /** It is stopping. */
        DRAINING(5);

        private final int wireCode;

        Reason(int wireCode) {
            this.wireCode = wireCode;
        }

        public int wireCode() {
            return wireCode;
        }
    }
}
