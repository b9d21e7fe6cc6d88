package io.chancery.signer.key;

import io.chancery.signer.hsm.Pkcs11Uri;

/** What is asked of a key on a token beyond that it signs. Blocks; called when the token has taken its PIN. */
public interface Admission {
    /** Whatever signs. */
    Admission ANY = uri -> {};

    /** SigningKeyException MISCONFIGURED when the key may not be used. */
    void admit(Pkcs11Uri uri);

    /** Puts what is missing on the token there, if that may be; whether it did, so that another try may find the key. */
    default boolean mend(Pkcs11Uri uri) {
        return false;
    }
}
