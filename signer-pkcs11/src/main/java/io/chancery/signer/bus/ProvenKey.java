package io.chancery.signer.bus;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.signer.key.SigningKey;
import io.chancery.signer.key.SigningKeyException;
import java.time.Duration;

/**
 * Signs, and lets no signature out that does not verify: remembered, it would be handed out again and again, and a key
 * or a token that errs has to be opened anew.
 *
 * @param keys verify each signature: with a slow provider that costs more than all else here
 */
record ProvenKey(SigningKey key, IssuerCertificate issuer, PublicKeys keys) {
    /** Blocks and fails as {@link SigningKey#sign}; AWAY as well when the signature is not the issuer's. */
    Der sign(SignatureScheme scheme, Der tbs, Duration within) {
        Der signature = key.sign(scheme, tbs, within);
        if (!keys.verify(scheme.check(), issuer.certificate().getPublicKey(), tbs.bytes(), signature.bytes())) {
            String cause = "a signature does not verify with the public key of "
                    + issuer.certificate().getSubjectX500Principal();
            key.distrust(cause);
            throw SigningKeyException.away(cause);
        }
        return signature;
    }
}
