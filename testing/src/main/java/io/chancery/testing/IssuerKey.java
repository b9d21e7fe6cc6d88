package io.chancery.testing;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A key that an issuer of tokens signs with.
 *
 * @param algorithm of JWS, that it signs with unless told otherwise
 * @param jwk its public part, as a key set has it
 */
public record IssuerKey(String id, String algorithm, PrivateKey key, Map<String, Object> jwk) {
    public static IssuerKey rsa(String id) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair pair = generator.generateKeyPair();
        return new IssuerKey(
                id,
                "RS256",
                pair.getPrivate(),
                new RSAKey.Builder((RSAPublicKey) pair.getPublic())
                        .keyID(id)
                        .build()
                        .toJSONObject());
    }

    public static IssuerKey ec(String id) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        return new IssuerKey(
                id,
                "ES256",
                pair.getPrivate(),
                new ECKey.Builder(Curve.P_256, (ECPublicKey) pair.getPublic())
                        .keyID(id)
                        .build()
                        .toJSONObject());
    }

    public static IssuerKey ed25519(String id) throws GeneralSecurityException {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        byte[] encoded = pair.getPublic().getEncoded();
        byte[] x = Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length); // RFC 8410 s. 4
        return new IssuerKey(
                id,
                "EdDSA",
                pair.getPrivate(),
                new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(x))
                        .keyID(id)
                        .build()
                        .toJSONObject());
    }

    /** A token as this key signs it. */
    public String token(Map<String, Object> claims) throws GeneralSecurityException {
        return token(Map.of(), claims);
    }

    /**
     * A token whose header says something else.
     *
     * @param header members besides, or instead of, {@code alg}, {@code kid} and {@code typ}; an empty text leaves one out
     */
    public String token(Map<String, Object> header, Map<String, Object> claims) throws GeneralSecurityException {
        Map<String, Object> whole = new LinkedHashMap<>(Map.of("alg", algorithm, "kid", id, "typ", "JWT"));
        whole.putAll(header);
        whole.values().removeIf(""::equals);
        String content = encode(whole) + "." + encode(claims);
        String name = String.valueOf(whole.get("alg"));
        return content + "." + Base64URL.encode(signature(name, content.getBytes(StandardCharsets.US_ASCII)));
    }

    private byte[] signature(String name, byte[] content) throws GeneralSecurityException {
        Signature signer = Signature.getInstance(
                switch (name) {
                    case "PS256" -> "RSASSA-PSS";
                    case "RS512" -> "SHA512withRSA";
                    default ->
                        switch (algorithm) {
                            case "RS256" -> "SHA256withRSA";
                            case "ES256" -> "SHA256withECDSAinP1363Format";
                            default -> "Ed25519";
                        };
                });
        if (name.equals("PS256")) {
            signer.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
        }
        signer.initSign(key);
        signer.update(content);
        return signer.sign();
    }

    static String encode(Map<String, Object> members) {
        return Base64URL.encode(JSONObjectUtils.toJSONString(members)).toString();
    }

    /** Never the key. */
    @Override
    public String toString() {
        return "IssuerKey[" + id + "]";
    }
}
