package io.chancery.signer.key;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.crypto.BouncyCastle;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Der;
import java.nio.charset.StandardCharsets;

/** A signature made only to see that the key works and is the issuer's. */
public final class SigningProbe {
    /**
     * Text, so that its first octet can never be that of a TBSCertificate, a CRL or an OCSP response: each of those is a
     * SEQUENCE and starts with 0x30.
     */
    private static final Der BYTES =
            Der.of("chancery signer probe v1: not a certificate".getBytes(StandardCharsets.US_ASCII));

    /** Probes are too few for a library to be loaded for them; the JDK's own provider takes twenty times as long. */
    private static final PublicKeys KEYS = new PublicKeys(BouncyCastle.PROVIDER);

    private SigningProbe() {}

    /**
     * Blocks as {@link SigningKey#sign} does and fails as it does, and with MISCONFIGURED when the issuer's public key
     * does not verify what the key signed.
     */
    public static void run(SigningKey key, IssuerCertificate issuer) {
        if (!verifies(key.sign(BYTES), issuer)) {
            throw SigningKeyException.misconfigured(
                    "the key is not the issuer's: a signature made with it does not verify" + " with the public key of "
                            + issuer.certificate().getSubjectX500Principal());
        }
    }

    static Der bytes() {
        return BYTES;
    }

    static boolean verifies(Der signature, IssuerCertificate issuer) {
        return KEYS.verify(
                issuer.scheme().check(), issuer.certificate().getPublicKey(), BYTES.bytes(), signature.bytes());
    }
}
