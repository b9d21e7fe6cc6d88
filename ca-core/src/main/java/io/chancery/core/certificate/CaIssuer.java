package io.chancery.core.certificate;

import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * Who stands in a CA certificate as its issuer.
 *
 * @param keyIdentifier what AuthorityKeyIdentifier has to hold: the issuer's own SubjectKeyIdentifier, however that was
 *     made (RFC 5280 s. 4.2.1.1)
 * @param scheme how its key signs
 */
public record CaIssuer(X500Name name, PublicKey key, Der keyIdentifier, SignatureScheme scheme) {
    private static final String SUBJECT_KEY_IDENTIFIER = "2.5.29.14";

    /** The issuer of a certificate for itself. */
    public static CaIssuer itself(X500Name name, PublicKey key) {
        return new CaIssuer(name, key, identifier(key), SignatureScheme.defaultFor(key));
    }

    /** An issuer that has its certificate, and signs as that one is signed where both are RSA's. */
    public static CaIssuer of(X509Certificate certificate) {
        byte[] extension = certificate.getExtensionValue(SUBJECT_KEY_IDENTIFIER);
        return new CaIssuer(
                X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded()),
                certificate.getPublicKey(),
                extension == null
                        ? identifier(certificate.getPublicKey())
                        : Der.of(ASN1OctetString.getInstance(
                                        ASN1OctetString.getInstance(extension).getOctets())
                                .getOctets()),
                SignatureScheme.defaultFor(certificate));
    }

    /** The same issuer, whose key signs otherwise: IllegalArgumentException when it cannot. */
    public CaIssuer withScheme(SignatureScheme newScheme) {
        return new CaIssuer(name, key, keyIdentifier, newScheme.fitting(key));
    }

    /** RFC 5280 s. 4.2.1.2, method 1: SHA-1 of the key's bits; a name for the key, not a safeguard. */
    static Der identifier(PublicKey key) {
        try {
            return Der.of(MessageDigest.getInstance("SHA-1")
                    .digest(SubjectPublicKeyInfo.getInstance(key.getEncoded())
                            .getPublicKeyData()
                            .getOctets()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }
}
