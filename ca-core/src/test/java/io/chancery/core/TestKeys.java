package io.chancery.core;

import io.chancery.core.crypto.PublicKeys;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Signature;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** Keys for tests, one of each kind, made when first asked for. */
public final class TestKeys {
    public static final Provider BC = new BouncyCastleProvider();
    public static final PublicKeys KEYS = new PublicKeys(BC);
    private static final Map<String, KeyPair> POOL = new ConcurrentHashMap<>();

    private TestKeys() {}

    /** {@code P-256}, {@code RSA-2048}, {@code Ed25519} and the like; the same for the same name. Words behind it make others. */
    public static KeyPair of(String kind) {
        return POOL.computeIfAbsent(kind, TestKeys::make);
    }

    private static KeyPair make(String name) {
        String kind = name.split(" ", 2)[0];
        try {
            if (kind.startsWith("RSA-")) {
                KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA", BC);
                rsa.initialize(
                        new RSAKeyGenParameterSpec(Integer.parseInt(kind.substring(4)), BigInteger.valueOf(65_537)));
                return rsa.generateKeyPair();
            }
            if (kind.equals("Ed25519") || kind.equals("Ed448")) {
                return KeyPairGenerator.getInstance(kind, BC).generateKeyPair();
            }
            KeyPairGenerator ec = KeyPairGenerator.getInstance("EC", BC);
            ec.initialize(new ECGenParameterSpec(kind));
            return ec.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A signature in JCA's form. */
    public static byte[] sign(String jcaName, PrivateKey key, byte[] data) {
        try {
            Signature signer = Signature.getInstance(jcaName, BC);
            signer.initSign(KeyFactory.getInstance(key.getAlgorithm(), BC)
                    .generatePrivate(new java.security.spec.PKCS8EncodedKeySpec(key.getEncoded())));
            signer.update(data);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** An RSASSA-PSS signature as RFC 7518 s. 3.5 has it. */
    public static byte[] signPss(String hash, int salt, PrivateKey key, byte[] data) {
        try {
            Signature signer = Signature.getInstance("RSASSA-PSS", BC);
            AlgorithmParameterSpec pss = new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), salt, 1);
            signer.setParameter(pss);
            signer.initSign(key);
            signer.update(data);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
