package io.chancery.core.crypto;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Provider;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * Turns SubjectPublicKeyInfo into a key, and verifies with it. The preferred provider is asked first and by plain names
 * ("EC", "RSA"): the fast ones know no key factories by OID. BouncyCastle stands behind it for what it lacks.
 *
 * <p>Immutable and safe for any thread. A P-256 verification takes about 80 µs with the fast provider, so callers may
 * be on an event loop.
 */
public final class PublicKeys {
    private static final Provider FALLBACK = new BouncyCastleProvider();
    private static final Set<ASN1ObjectIdentifier> CURVES = Set.of(
            SECObjectIdentifiers.secp224r1,
            X9ObjectIdentifiers.prime256v1,
            SECObjectIdentifiers.secp384r1,
            SECObjectIdentifiers.secp521r1);

    private final Provider preferred;

    public PublicKeys(Provider preferred) {
        this.preferred = preferred;
    }

    /** The key; CaException BAD_KEY when its type or curve is not one that Go's crypto/x509 reads, or it is broken. */
    public PublicKey decode(SubjectPublicKeyInfo info) {
        String name = algorithmName(info);
        try {
            X509EncodedKeySpec spec = new X509EncodedKeySpec(info.getEncoded());
            try {
                return KeyFactory.getInstance(name, preferred).generatePublic(spec);
            } catch (GeneralSecurityException e) {
                return KeyFactory.getInstance(name, FALLBACK).generatePublic(spec);
            }
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            throw CaException.of(ErrorCode.BAD_KEY, "the public key cannot be read");
        }
    }

    /** Whether the signature is the key's over the data; anything that goes wrong is a no. */
    public boolean verify(SignatureCheck check, PublicKey key, byte[] data, byte[] signature) {
        try {
            return check.run(preferred, key, data, signature);
        } catch (GeneralSecurityException | RuntimeException e) {
            try {
                return check.run(FALLBACK, translate(key), data, signature);
            } catch (GeneralSecurityException | RuntimeException second) {
                return false;
            }
        }
    }

    private static PublicKey translate(PublicKey key) throws GeneralSecurityException {
        SubjectPublicKeyInfo info = SubjectPublicKeyInfo.getInstance(key.getEncoded());
        return KeyFactory.getInstance(algorithmName(info), FALLBACK)
                .generatePublic(new X509EncodedKeySpec(key.getEncoded()));
    }

    private static String algorithmName(SubjectPublicKeyInfo info) {
        ASN1ObjectIdentifier algorithm = info.getAlgorithm().getAlgorithm();
        if (algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
            if (!CURVES.contains(
                    ASN1ObjectIdentifier.getInstance(info.getAlgorithm().getParameters()))) {
                throw CaException.of(ErrorCode.BAD_KEY, "the public key's curve is not supported");
            }
            return "EC";
        }
        if (algorithm.equals(PKCSObjectIdentifiers.rsaEncryption)) {
            return "RSA";
        }
        if (algorithm.equals(EdECObjectIdentifiers.id_Ed25519)) {
            return "Ed25519";
        }
        throw CaException.of(ErrorCode.BAD_KEY, "the public key's type is not supported");
    }
}
