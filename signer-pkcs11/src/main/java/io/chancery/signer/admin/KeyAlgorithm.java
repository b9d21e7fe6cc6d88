package io.chancery.signer.admin;

import io.chancery.core.crypto.SignatureScheme;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** Which keys can be made. */
public enum KeyAlgorithm {
    EC_P256("ec-p256", 256),
    EC_P384("ec-p384", 384),
    EC_P521("ec-p521", 521),
    RSA_2048("rsa-2048", 2048),
    RSA_3072("rsa-3072", 3072),
    RSA_4096("rsa-4096", 4096);

    private final String text;
    private final int bits;

    KeyAlgorithm(String text, int bits) {
        this.text = text;
        this.bits = bits;
    }

    /** IllegalArgumentException says which there are. */
    public static KeyAlgorithm parse(String text) {
        for (KeyAlgorithm one : values()) {
            if (one.text.equals(text)) {
                return one;
            }
        }
        throw new IllegalArgumentException("\"" + text + "\" is no key algorithm; allowed: "
                + Arrays.stream(values()).map(one -> one.text).collect(Collectors.joining(", ")));
    }

    public boolean isRsa() {
        return this == RSA_2048 || this == RSA_3072 || this == RSA_4096;
    }

    public int bits() {
        return bits;
    }

    /** How such a key signs where nothing else is said. */
    public SignatureScheme scheme() {
        return switch (this) {
            case EC_P256 -> SignatureScheme.ECDSA_SHA256;
            case EC_P384 -> SignatureScheme.ECDSA_SHA384;
            case EC_P521 -> SignatureScheme.ECDSA_SHA512;
            case RSA_2048, RSA_3072, RSA_4096 -> SignatureScheme.RSA_SHA256;
        };
    }

    /** Whether the public key is of such a one. */
    public boolean fits(PublicKey key) {
        if (key instanceof RSAPublicKey rsa) {
            return isRsa() && rsa.getModulus().bitLength() == bits;
        }
        return !isRsa()
                && curve().equals(SubjectPublicKeyInfo.getInstance(key.getEncoded())
                        .getAlgorithm()
                        .getParameters());
    }

    /** IllegalStateException for RSA. */
    ASN1ObjectIdentifier curve() {
        return switch (this) {
            case EC_P256 -> X9ObjectIdentifiers.prime256v1;
            case EC_P384 -> SECObjectIdentifiers.secp384r1;
            case EC_P521 -> SECObjectIdentifiers.secp521r1;
            case RSA_2048, RSA_3072, RSA_4096 -> throw new IllegalStateException("RSA has no curve");
        };
    }

    @Override
    public String toString() {
        return text;
    }
}
