package io.chancery.signer.key;

import io.chancery.core.der.Der;
import java.security.PublicKey;

/**
 * An issuer's private key, in an HSM or in a file. Safe for any number of threads; how many work at once is the
 * caller's to limit.
 */
public interface SigningKey extends AutoCloseable {
    /** The issuer's public key; the key behind this one has been seen to fit it. */
    PublicKey publicKey();

    /**
     * Signs with the issuer's scheme. Blocks for as long as the HSM takes: call it on signer threads only. A lost
     * session is replaced and the request tried once more before this fails.
     *
     * @return the signature value as it stands in a certificate's BIT STRING
     * @throws SigningKeyException AWAY when the key is being brought back, PIN_REFUSED when its PIN was
     */
    Der sign(Der tbs);

    /** Ends the use of the key; a later {@link #sign} fails with AWAY. Does not fail. */
    @Override
    void close();
}
