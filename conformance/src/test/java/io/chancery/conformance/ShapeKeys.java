package io.chancery.conformance;

import io.chancery.core.crypto.SignatureCheck;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.security.spec.RSAPrivateKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.pkcs.CertificationRequestInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.jce.interfaces.ECKey;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** A key of each kind that may stand in a certificate, and a request by it that names nobody. */
final class ShapeKeys {
    static final List<String> KINDS =
            List.of("P-224", "P-256", "P-384", "P-521", "RSA-2048", "RSA-3072", "RSA-4096", "Ed25519");

    private static final Provider BC = new BouncyCastleProvider();
    private static final int PRIME_BITS = 256;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Map<String, KeyPair> pairs = new LinkedHashMap<>();
    private final Map<String, Der> requests = new LinkedHashMap<>();

    KeyPair of(String name) throws GeneralSecurityException {
        KeyPair pair = pairs.get(name);
        if (pair == null) {
            pair = name.equals("RSA-2048 issuer") ? ordinaryRsa() : make(name.split(" ", 2)[0]);
            pairs.put(name, pair);
        }
        return pair;
    }

    Der request(String name) throws GeneralSecurityException, IOException {
        Der request = requests.get(name);
        if (request == null) {
            KeyPair pair = of(name);
            byte[] info = new CertificationRequestInfo(
                            new X500Name(new org.bouncycastle.asn1.x500.RDN[0]),
                            SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()),
                            new DERSet())
                    .getEncoded("DER");
            SignatureScheme scheme = SignatureScheme.defaultFor(pair.getPublic());
            ASN1Encodable[] members = {
                ASN1Primitive.fromByteArray(info),
                scheme.identifier(),
                new DERBitString(sign(scheme.jcaName(), pair.getPrivate(), info))
            };
            request = Der.of(new DERSequence(members).getEncoded());
            requests.put(name, request);
        }
        return request;
    }

    static byte[] sign(String algorithm, PrivateKey key, byte[] data) throws GeneralSecurityException {
        return sign(SignatureCheck.named(algorithm), key, data);
    }

    static byte[] sign(SignatureCheck kind, PrivateKey key, byte[] data) throws GeneralSecurityException {
        // BouncyCastle's own keys may be of curves that the JDK does not know.
        Signature signature = key instanceof ECKey ? kind.begin(BC) : kind.begin();
        signature.initSign(key);
        signature.update(data);
        return signature.sign();
    }

    private static KeyPair make(String kind) throws GeneralSecurityException {
        if (kind.startsWith("RSA-")) {
            return rsa(Integer.parseInt(kind.substring(4)));
        }
        if (kind.equals("Ed25519")) {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        }
        boolean known = !kind.equals("P-224"); // which the JDK no longer makes
        KeyPairGenerator generator =
                known ? KeyPairGenerator.getInstance("EC") : KeyPairGenerator.getInstance("EC", BC);
        generator.initialize(new ECGenParameterSpec("secp" + kind.substring(2) + "r1"));
        return generator.generateKeyPair();
    }

    /** Of two primes: it has to sign often. */
    private static KeyPair ordinaryRsa() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    /** Of many small primes, which are found in no time: for what is written of it, the key is as good as any. */
    private static KeyPair rsa(int bits) throws GeneralSecurityException {
        BigInteger e = RSAKeyGenParameterSpec.F4;
        while (true) {
            BigInteger n = BigInteger.ONE;
            BigInteger totient = BigInteger.ONE;
            for (int i = 0; i < bits / PRIME_BITS; i++) {
                BigInteger prime = largePrime();
                n = n.multiply(prime);
                totient = totient.multiply(prime.subtract(BigInteger.ONE));
            }
            if (n.bitLength() == bits && totient.gcd(e).equals(BigInteger.ONE)) {
                KeyFactory factory = KeyFactory.getInstance("RSA");
                return new KeyPair(
                        factory.generatePublic(new RSAPublicKeySpec(n, e)),
                        factory.generatePrivate(new RSAPrivateKeySpec(n, e.modInverse(totient))));
            }
        }
    }

    /** So near to a power of 2 that sixteen of them lose no bit. */
    private static BigInteger largePrime() {
        BigInteger start = new BigInteger(PRIME_BITS, RANDOM);
        for (int i = 1; i <= 6; i++) {
            start = start.setBit(PRIME_BITS - i);
        }
        BigInteger prime = start.nextProbablePrime();
        return prime.bitLength() == PRIME_BITS ? prime : largePrime();
    }
}
