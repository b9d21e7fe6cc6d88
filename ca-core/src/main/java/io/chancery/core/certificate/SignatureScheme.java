package io.chancery.core.certificate;

import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** How an issuer's key signs: the JCA name and the AlgorithmIdentifier that stands in the certificate (RFC 5758, 4055, 8410). */
public enum SignatureScheme {
    ECDSA_SHA256("SHA256withECDSA", new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256)),
    ECDSA_SHA384("SHA384withECDSA", new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA384)),
    ECDSA_SHA512("SHA512withECDSA", new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA512)),
    RSA_SHA256(
            "SHA256withRSA", new AlgorithmIdentifier(PKCSObjectIdentifiers.sha256WithRSAEncryption, DERNull.INSTANCE)),
    RSA_SHA384(
            "SHA384withRSA", new AlgorithmIdentifier(PKCSObjectIdentifiers.sha384WithRSAEncryption, DERNull.INSTANCE)),
    RSA_SHA512(
            "SHA512withRSA", new AlgorithmIdentifier(PKCSObjectIdentifiers.sha512WithRSAEncryption, DERNull.INSTANCE)),
    ED25519("Ed25519", new AlgorithmIdentifier(EdECObjectIdentifiers.id_Ed25519));

    private final String jcaName;

    @SuppressWarnings("ImmutableEnumChecker") // an AlgorithmIdentifier of OID and NULL has nothing that changes
    private final AlgorithmIdentifier identifier;

    SignatureScheme(String jcaName, AlgorithmIdentifier identifier) {
        this.jcaName = jcaName;
        this.identifier = identifier;
    }

    /** The scheme that Go's crypto/x509 chooses for the key, and so step-ca: the hash follows the curve. */
    public static SignatureScheme defaultFor(PublicKey key) {
        if (key instanceof ECPublicKey ec) {
            int bits = ec.getParams().getCurve().getField().getFieldSize();
            return bits <= 256 ? ECDSA_SHA256 : bits <= 384 ? ECDSA_SHA384 : ECDSA_SHA512;
        }
        if (key instanceof RSAPublicKey) {
            return RSA_SHA256;
        }
        if (key.getAlgorithm().equals("Ed25519") || key.getAlgorithm().equals("EdDSA")) {
            return ED25519;
        }
        throw new IllegalArgumentException("no signature scheme for keys of type " + key.getAlgorithm());
    }

    /** The name for {@code Signature.getInstance}. */
    public String jcaName() {
        return jcaName;
    }

    public AlgorithmIdentifier identifier() {
        return identifier;
    }
}
