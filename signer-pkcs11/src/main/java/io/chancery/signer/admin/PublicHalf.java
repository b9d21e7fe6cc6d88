package io.chancery.signer.admin;

import io.chancery.signer.hsm.HsmException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.bouncycastle.asn1.x9.X9ECParameters;

/** The public key of a private key that is at hand. */
public final class PublicHalf {
    private PublicHalf() {}

    /** HsmException MISCONFIGURED for keys that are neither RSA nor on a named curve. */
    public static PublicKey of(PrivateKey key) {
        try {
            if (key instanceof RSAPrivateCrtKey rsa) {
                return KeyFactory.getInstance("RSA")
                        .generatePublic(new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent()));
            }
            PrivateKeyInfo info = PrivateKeyInfo.getInstance(key.getEncoded());
            if (info.getPrivateKeyAlgorithm().getParameters() instanceof ASN1ObjectIdentifier curve) {
                X9ECParameters parameters = ECNamedCurveTable.getByOID(curve);
                byte[] point = parameters
                        .getG()
                        .multiply(
                                ECPrivateKey.getInstance(info.parsePrivateKey()).getKey())
                        .normalize()
                        .getEncoded(false);
                return KeyFactory.getInstance("EC")
                        .generatePublic(new X509EncodedKeySpec(
                                new SubjectPublicKeyInfo(info.getPrivateKeyAlgorithm(), point).getEncoded()));
            }
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            throw HsmException.misconfigured("the key's public half cannot be computed: " + e.getMessage());
        }
        throw HsmException.misconfigured("a key of type " + key.getAlgorithm()
                + " cannot be used on a token: Java's PKCS#11 provider signs with EC and RSA keys alone");
    }
}
