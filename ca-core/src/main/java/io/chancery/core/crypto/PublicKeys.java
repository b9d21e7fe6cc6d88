package io.chancery.core.crypto;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.spec.X509EncodedKeySpec;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * Turns SubjectPublicKeyInfo into a key, and verifies with it. The preferred provider is asked first and by plain names
 * ("EC", "RSA"): the fast ones know no key factories by OID. BouncyCastle stands behind it for what it lacks, and the
 * JDK for RSA.
 *
 * <p>Immutable and safe for any thread. A P-256 verification takes about 80 µs with the fast provider, so callers may
 * be on an event loop.
 */
public final class PublicKeys {
    private static final Set<ASN1ObjectIdentifier> CURVES = Set.of(
            SECObjectIdentifiers.secp224r1,
            X9ObjectIdentifiers.prime256v1,
            SECObjectIdentifiers.secp384r1,
            SECObjectIdentifiers.secp521r1);

    private static final int MAX_RSA_BITS = 16384;
    private static final int MAX_EXPONENT_BITS = 31; // as Go; more would be work for any stranger to ask for
    private static final int UNCOMPRESSED = 4; // SEC 1 s. 2.3.3
    private static final int ED25519_OCTETS = 32;

    private final Provider preferred;
    private final Provider rsa;
    private final Provider rsaFallback;

    public PublicKeys(Provider preferred) {
        this.preferred = preferred;
        // BouncyCastle tests each new modulus for being composite: seconds of work that any stranger's request could
        // ask for.
        this.rsaFallback =
                Optional.ofNullable(Security.getProvider("SunRsaSign")).orElseGet(() -> BouncyCastle.PROVIDER);
        this.rsa = preferred.getName().equals(BouncyCastleProvider.PROVIDER_NAME) ? rsaFallback : preferred;
    }

    /**
     * The key; CaException BAD_KEY when its type or curve is not one that Go's crypto/x509 reads, it is broken, or it is
     * an RSA key that is costly or hopeless to verify with: over 16384 bits, or with an exponent that is even, below 3
     * or over 31 bits.
     */
    public PublicKey decode(SubjectPublicKeyInfo info) {
        String name = algorithmName(info);
        try {
            checkForm(info, name);
            X509EncodedKeySpec spec = new X509EncodedKeySpec(info.getEncoded());
            try {
                return KeyFactory.getInstance(name, first(name)).generatePublic(spec);
            } catch (GeneralSecurityException e) {
                return KeyFactory.getInstance(name, second(name)).generatePublic(spec);
            }
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            throw CaException.of(ErrorCode.BAD_KEY, "the public key cannot be read");
        }
    }

    /** As strict as Go: one form of each key, so what is certified is what was verified with. */
    private static void checkForm(SubjectPublicKeyInfo info, String name) throws IOException {
        ASN1Encodable parameters = info.getAlgorithm().getParameters();
        byte[] bits = info.getPublicKeyData().getOctets();
        boolean fits;
        if (name.equals("RSA")) {
            // Not by RSAPublicKey, which takes the absolute value of a negative number.
            ASN1Sequence rsa = ASN1Sequence.getInstance(info.parsePublicKey());
            BigInteger modulus = ASN1Integer.getInstance(rsa.getObjectAt(0)).getValue();
            BigInteger exponent = ASN1Integer.getInstance(rsa.getObjectAt(1)).getValue();
            fits = DERNull.INSTANCE.equals(parameters)
                    && rsa.size() == 2
                    && modulus.signum() > 0
                    && modulus.testBit(0)
                    && modulus.bitLength() <= MAX_RSA_BITS
                    && exponent.compareTo(BigInteger.TWO) > 0
                    && exponent.testBit(0)
                    && exponent.bitLength() <= MAX_EXPONENT_BITS;
        } else if (name.equals("EC")) {
            fits = bits.length > 0 && bits[0] == UNCOMPRESSED;
        } else {
            fits = parameters == null && bits.length == ED25519_OCTETS;
        }
        if (!fits || info.getPublicKeyData().getPadBits() != 0) {
            throw new IOException("not the form that RFC 3279, 5480 or 8410 gives this key");
        }
    }

    /** Whether the signature is the key's over the data; anything that goes wrong is a no. */
    public boolean verify(SignatureCheck check, PublicKey key, byte[] data, byte[] signature) {
        String name = key instanceof java.security.interfaces.RSAPublicKey ? "RSA" : "";
        try {
            return check.run(first(name), key, data, signature);
        } catch (GeneralSecurityException | RuntimeException e) {
            try {
                return check.run(second(name), translate(key, second(name)), data, signature);
            } catch (GeneralSecurityException | RuntimeException second) {
                return false;
            }
        }
    }

    private Provider first(String name) {
        return name.equals("RSA") ? rsa : preferred;
    }

    private Provider second(String name) {
        return name.equals("RSA") ? rsaFallback : BouncyCastle.PROVIDER;
    }

    private static PublicKey translate(PublicKey key, Provider to) throws GeneralSecurityException {
        SubjectPublicKeyInfo info = SubjectPublicKeyInfo.getInstance(key.getEncoded());
        return KeyFactory.getInstance(algorithmName(info), to).generatePublic(new X509EncodedKeySpec(key.getEncoded()));
    }

    private static String algorithmName(SubjectPublicKeyInfo info) {
        ASN1ObjectIdentifier algorithm = info.getAlgorithm().getAlgorithm();
        if (algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
            // Anything but a named curve (RFC 5480 s. 2.1.1) would let the caller make up its own.
            if (!(info.getAlgorithm().getParameters() instanceof ASN1ObjectIdentifier curve)
                    || !CURVES.contains(curve)) {
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
