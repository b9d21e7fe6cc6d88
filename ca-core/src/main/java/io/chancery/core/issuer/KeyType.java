package io.chancery.core.issuer;

import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** The kind of key that a certificate is for, named as a JWK's {@code kty} (RFC 7518 s. 6.1, RFC 8037). */
public enum KeyType {
    EC,
    RSA,
    /** Ed25519. */
    OKP;

    /** Empty for a key that no certificate is issued for. */
    static Optional<KeyType> of(SubjectPublicKeyInfo key) {
        ASN1ObjectIdentifier algorithm = key.getAlgorithm().getAlgorithm();
        if (algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
            return Optional.of(EC);
        }
        if (algorithm.equals(PKCSObjectIdentifiers.rsaEncryption)) {
            return Optional.of(RSA);
        }
        return algorithm.equals(EdECObjectIdentifiers.id_Ed25519) ? Optional.of(OKP) : Optional.empty();
    }
}
