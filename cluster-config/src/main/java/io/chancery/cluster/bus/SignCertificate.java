package io.chancery.cluster.bus;

import io.chancery.core.certificate.KeyId;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;

/**
 * Asks for the signature over a recorded certificate.
 *
 * @param serial identifies the request; the signer never signs other bytes under it
 * @param keyId the issuer's key
 * @param millisLeft of the request's deadline when this was sent; each hop subtracts what its own monotonic clock measured
 * @param tbs DER of TBSCertificate, as recorded
 * @param issuerHash SHA-256 of the issuer's certificate as the sender knows it
 * @param rulesHash of the rules for the key that the last signature this sender got was made by, or of nothing; the
 *     signer signs by its own whatever stands here, and the sender reports when the next answer names others
 * @param callerNode as the sender calls itself; for the signer's log
 */
public record SignCertificate(
        SerialNumber serial,
        KeyId keyId,
        long millisLeft,
        Der tbs,
        Sha256 issuerHash,
        Sha256 rulesHash,
        NodeId callerNode)
        implements SignerMessage {}
