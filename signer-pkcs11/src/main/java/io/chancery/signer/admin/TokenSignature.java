package io.chancery.signer.admin;

import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.signer.hsm.HsmException;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.DigestInfo;
import sun.security.pkcs11.wrapper.CK_MECHANISM;
import sun.security.pkcs11.wrapper.CK_RSA_PKCS_PSS_PARAMS;
import sun.security.pkcs11.wrapper.PKCS11Constants;

/** Signatures with the plainest mechanisms, which every token has: the hash is made here. */
final class TokenSignature {
    private TokenSignature() {}

    static Der sign(CryptokiSession session, long key, SignatureScheme scheme, Der message) {
        try {
            return switch (scheme) {
                case ECDSA_SHA256 -> ecdsa(session, key, "SHA-256", message);
                case ECDSA_SHA384 -> ecdsa(session, key, "SHA-384", message);
                case ECDSA_SHA512 -> ecdsa(session, key, "SHA-512", message);
                case RSA_SHA256 -> rsa(session, key, "SHA-256", message);
                case RSA_SHA384 -> rsa(session, key, "SHA-384", message);
                case RSA_SHA512 -> rsa(session, key, "SHA-512", message);
                case RSA_PSS_SHA256 -> pss(session, key, "SHA-256", message);
                case RSA_PSS_SHA384 -> pss(session, key, "SHA-384", message);
                case RSA_PSS_SHA512 -> pss(session, key, "SHA-512", message);
                case ED25519 ->
                    throw HsmException.misconfigured("Ed25519 keys on a token are not supported: Java's"
                            + " PKCS#11 provider, which signs later, has no such mechanism");
            };
        } catch (GeneralSecurityException | IOException e) {
            throw HsmException.of("the signature cannot be made", e);
        }
    }

    private static Der ecdsa(CryptokiSession session, long key, String hash, Der message)
            throws GeneralSecurityException, IOException {
        byte[] raw = session.sign(
                new CK_MECHANISM(PKCS11Constants.CKM_ECDSA),
                key,
                MessageDigest.getInstance(hash).digest(message.bytes()));
        // RFC 3279 s. 2.2.3: two INTEGERs, where PKCS#11 has their octets side by side
        int half = raw.length / 2;
        ASN1EncodableVector numbers = new ASN1EncodableVector();
        numbers.add(new ASN1Integer(new BigInteger(1, Arrays.copyOfRange(raw, 0, half))));
        numbers.add(new ASN1Integer(new BigInteger(1, Arrays.copyOfRange(raw, half, raw.length))));
        return Der.of(new DERSequence(numbers).getEncoded());
    }

    private static Der pss(CryptokiSession session, long key, String hash, Der message)
            throws GeneralSecurityException {
        byte[] digest = MessageDigest.getInstance(hash).digest(message.bytes());
        CK_MECHANISM mechanism = new CK_MECHANISM(PKCS11Constants.CKM_RSA_PKCS_PSS);
        mechanism.setParameter(new CK_RSA_PKCS_PSS_PARAMS(hash, "MGF1", hash, digest.length));
        return Der.of(session.sign(mechanism, key, digest));
    }

    private static Der rsa(CryptokiSession session, long key, String hash, Der message)
            throws GeneralSecurityException, IOException {
        byte[] digest = MessageDigest.getInstance(hash).digest(message.bytes());
        AlgorithmIdentifier algorithm = new AlgorithmIdentifier(
                hash.equals("SHA-256")
                        ? NISTObjectIdentifiers.id_sha256
                        : hash.equals("SHA-384") ? NISTObjectIdentifiers.id_sha384 : NISTObjectIdentifiers.id_sha512,
                DERNull.INSTANCE);
        return Der.of(session.sign(
                new CK_MECHANISM(PKCS11Constants.CKM_RSA_PKCS), key, new DigestInfo(algorithm, digest).getEncoded()));
    }
}
