package io.chancery.signer.admin;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import sun.security.pkcs11.wrapper.PKCS11Constants;

/** Public keys out of the attributes of key objects. */
final class PublicKeyObjects {
    private static final int UNCOMPRESSED = 4;

    private PublicKeyObjects() {}

    /** Of a public or a private key object; empty when its attributes do not tell, as an EC private key's seldom do. */
    static Optional<PublicKey> read(CryptokiSession session, long object) {
        try {
            Optional<byte[]> point = session.octets(object, PKCS11Constants.CKA_EC_POINT);
            Optional<byte[]> parameters = session.octets(object, PKCS11Constants.CKA_EC_PARAMS);
            if (point.isPresent() && parameters.isPresent() && point.get().length > 0) {
                return Optional.of(ec(parameters.get(), point.get()));
            }
            Optional<byte[]> modulus = session.octets(object, PKCS11Constants.CKA_MODULUS);
            Optional<byte[]> exponent = session.octets(object, PKCS11Constants.CKA_PUBLIC_EXPONENT);
            if (modulus.isPresent() && exponent.isPresent() && exponent.get().length > 0) {
                return Optional.of(KeyFactory.getInstance("RSA")
                        .generatePublic(new RSAPublicKeySpec(
                                new BigInteger(1, modulus.get()), new BigInteger(1, exponent.get()))));
            }
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    private static PublicKey ec(byte[] parameters, byte[] point) throws GeneralSecurityException, IOException {
        // An OCTET STRING as PKCS#11 has it from 2.20 on; some tokens give the point alone.
        byte[] plain = point[0] == UNCOMPRESSED && point.length % 2 == 1 && !isOctetString(point)
                ? point
                : ASN1OctetString.getInstance(point).getOctets();
        SubjectPublicKeyInfo info = new SubjectPublicKeyInfo(
                new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, ASN1Primitive.fromByteArray(parameters)),
                plain);
        return KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(info.getEncoded()));
    }

    /** Both begin with 4: a tag here, a form there. */
    private static boolean isOctetString(byte[] point) {
        try {
            byte[] inside = ASN1OctetString.getInstance(point).getOctets();
            return inside.length > 0 && inside[0] == UNCOMPRESSED;
        } catch (RuntimeException e) {
            return false;
        }
    }

    static String describe(PublicKey key) {
        if (key instanceof ECPublicKey ec) {
            return "EC P-" + ec.getParams().getCurve().getField().getFieldSize();
        }
        return key instanceof RSAPublicKey rsa ? "RSA " + rsa.getModulus().bitLength() : key.getAlgorithm();
    }
}
