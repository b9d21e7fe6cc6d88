package io.chancery.cluster.bus;

import io.chancery.core.certificate.KeyId;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import java.math.BigInteger;

/**
 * Asks for the signature over a list of revoked certificates.
 *
 * @param number of the list; the signer never signs a lower one, nor other bytes under the same one
 * @param keyId the issuer's key
 * @param millisLeft until nobody waits for the answer any more, when this was sent
 * @param tbs DER of TBSCertList
 * @param issuerHash SHA-256 of the issuer's certificate as the sender knows it
 * @param callerNode as the sender calls itself; for the signer's log
 */
public record SignCrl(BigInteger number, KeyId keyId, long millisLeft, Der tbs, Sha256 issuerHash, NodeId callerNode)
        implements SignerMessage {
    /** Largest list, in octets. */
    public static final int MAX_TBS = 64 * 1024 * 1024;
}
