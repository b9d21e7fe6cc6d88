package io.chancery.signer.admin;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A key on a token and what stands beside it, as they were at one moment.
 *
 * @param known the public key, where the token tells it
 * @param certificates those with the key's CKA_ID
 */
public record CertifiedKey(String label, String idHex, Optional<PublicKey> known, List<X509Certificate> certificates) {
    public CertifiedKey {
        certificates = List.copyOf(certificates);
    }

    static CertifiedKey of(ManagedKey key) {
        return new CertifiedKey(key.label(), key.idHex(), key.knownPublicKey(), key.certificates());
    }

    /** Whether there is a certificate. */
    boolean checkCertified(Findings findings) {
        if (certificates.isEmpty()) {
            findings.failed(
                    "certificate-on-token",
                    "no certificate has the key's CKA_ID " + idHex + ", and Java shows a key only beside one",
                    "chancery hsm import-cert with the issuer's certificate");
            return false;
        }
        findings.ok(
                "certificate-on-token",
                certificates.get(0).getSubjectX500Principal().getName() + ", same CKA_ID");
        return true;
    }

    /** Whether key and certificate are of this public key, the issuer's. */
    boolean checkMatches(PublicKey expected, Findings findings) {
        boolean onToken =
                certificates.isEmpty() || certificates.stream().anyMatch(it -> same(it.getPublicKey(), expected));
        if (known.map(it -> same(it, expected)).orElse(true) && onToken) {
            findings.ok("certificate-matches", "the key is the certificate's");
            return true;
        }
        findings.failed(
                "certificate-matches",
                "the key " + label + " is not that of the issuer's certificate"
                        + (onToken ? "" : ", nor is the certificate beside it"),
                "name the issuer's key in the URI, or the key's certificate in crt");
        return false;
    }

    private static boolean same(PublicKey one, PublicKey other) {
        return Arrays.equals(one.getEncoded(), other.getEncoded());
    }
}
