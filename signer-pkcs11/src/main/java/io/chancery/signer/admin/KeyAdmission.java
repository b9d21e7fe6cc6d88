package io.chancery.signer.admin;

import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * What a signer asks of a key on a token once the token has taken its PIN: before that, nothing here may log in, since
 * others count refused PINs. Blocks; for a signer thread.
 */
public final class KeyAdmission {
    private KeyAdmission() {}

    /**
     * What the token says of the key. Without a PIN, as this process is logged in: a second login could be taken for
     * another try.
     */
    public static KeyAttributes attributes(Pkcs11Uri uri) {
        try (TokenSession session = TokenSession.openBesideSigner(uri, Optional.empty())) {
            return session.key(uri).attributes();
        }
    }

    /**
     * Writes the issuer's certificate beside the key, if the key has none; as this process is logged in.
     *
     * @return whether it was missing
     * @throws HsmException MISCONFIGURED when the key is not the issuer's
     */
    public static boolean writeMissingCertificate(Pkcs11Uri uri, X509Certificate issuer) {
        try (TokenSession session = TokenSession.openBesideSigner(uri, Optional.empty())) {
            ManagedKey key = session.key(uri);
            if (!key.certificates().isEmpty()) {
                return false;
            }
            key.writeCertificate(issuer, false);
            return true;
        }
    }
}
