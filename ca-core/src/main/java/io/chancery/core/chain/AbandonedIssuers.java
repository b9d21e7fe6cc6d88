package io.chancery.core.chain;

import io.chancery.core.certificate.KeyId;
import io.chancery.core.der.Sha256;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Set;

/**
 * CAs that are believed no more, whatever signed them. Immutable, any thread, no I/O.
 *
 * @param keys whatever certificate they have: the same one with its ECDSA signature written otherwise (s or n - s) is
 *     another file, and the root may have signed several
 * @param certificates their SHA-256; other certificates of their keys stay believed
 */
public record AbandonedIssuers(Set<KeyId> keys, Set<Sha256> certificates) {
    public static final AbandonedIssuers NONE = new AbandonedIssuers(Set.of(), Set.of());

    public AbandonedIssuers {
        keys = Set.copyOf(keys);
        certificates = Set.copyOf(certificates);
    }

    public boolean has(X509Certificate certificate) {
        try {
            return has(KeyId.of(certificate.getPublicKey()), Sha256.digest(certificate.getEncoded()));
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("a certificate that cannot be encoded", e);
        }
    }

    public boolean has(KeyId key, Sha256 certificate) {
        return keys.contains(key) || certificates.contains(certificate);
    }
}
