package io.chancery.signer.key;

import io.chancery.signer.hsm.Pkcs11Uri;

/**
 * What is asked of a key on a token beyond that it signs. Blocks; called when the token has taken its PIN, on a thread
 * that may be left behind.
 */
public interface Admission {
    /** Whatever signs. */
    Admission ANY = uri -> {};

    /** SigningKeyException MISCONFIGURED when the key may not be used. */
    void admit(Pkcs11Uri uri);

    /** Writes the key's certificate to the token, where it is missing, if that may be. Does not fail. */
    default void writeCertificate(Pkcs11Uri uri) {}
}
