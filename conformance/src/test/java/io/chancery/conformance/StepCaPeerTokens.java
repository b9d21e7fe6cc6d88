package io.chancery.conformance;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** One-time tokens written by hand: header and payload as any text, well-formed or not. */
final class StepCaPeerTokens {
    /** In a claim's place: the claim is left out. */
    static final Object ABSENT = new Object();

    private final StepCaPeerPki pki;

    StepCaPeerTokens(StepCaPeerPki pki) {
        this.pki = pki;
    }

    Map<String, Object> header(String provisioner) {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("alg", provisioner.equals(StepCaPeerPki.P384) ? "ES384" : "ES256");
        header.put("kid", pki.kid(provisioner));
        header.put("typ", "JWT");
        return header;
    }

    Map<String, Object> claims(String provisioner, String name) {
        long now = Instant.now().getEpochSecond();
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("aud", "https://localhost/1.0/sign");
        claims.put("exp", now + 600);
        claims.put("iat", now);
        claims.put("iss", provisioner);
        claims.put("jti", UUID.randomUUID().toString());
        claims.put("nbf", now);
        claims.put("sans", List.of(name));
        claims.put("sub", name);
        return claims;
    }

    /** A good token. */
    String of(String provisioner, String name) throws GeneralSecurityException {
        return signed(provisioner, header(provisioner), claims(provisioner, name));
    }

    /** A good token with these SANs. */
    String withSans(String name, Object... sans) throws GeneralSecurityException {
        return with(name, Map.of("sans", List.of(sans)));
    }

    /** A token of the plain provisioner whose claims are changed. */
    String with(String name, Map<String, Object> changes) throws GeneralSecurityException {
        Map<String, Object> claims = claims(StepCaPeerPki.PLAIN, name);
        apply(claims, changes);
        return signed(StepCaPeerPki.PLAIN, header(StepCaPeerPki.PLAIN), claims);
    }

    String withHeader(String name, Map<String, Object> changes) throws GeneralSecurityException {
        Map<String, Object> header = header(StepCaPeerPki.PLAIN);
        apply(header, changes);
        return signed(StepCaPeerPki.PLAIN, header, claims(StepCaPeerPki.PLAIN, name));
    }

    /** Puts changes in the place of members, and leaves out what is {@link #ABSENT}. */
    static void apply(Map<String, Object> members, Map<String, Object> changes) {
        changes.forEach((name, value) -> {
            if (value == ABSENT) {
                members.remove(name);
            } else {
                members.put(name, value);
            }
        });
    }

    String signed(String provisioner, Map<String, Object> header, Map<String, Object> claims)
            throws GeneralSecurityException {
        return raw(provisioner, JSONObjectUtils.toJSONString(header), JSONObjectUtils.toJSONString(claims));
    }

    /** Signed as an EC key of the provisioner does it, whatever the header says. */
    String raw(String provisioner, String header, String claims) throws GeneralSecurityException {
        String content =
                encode(header.getBytes(StandardCharsets.UTF_8)) + "." + encode(claims.getBytes(StandardCharsets.UTF_8));
        try {
            PrivateKey key = pki.ecKey(provisioner).toECPrivateKey();
            String algorithm = provisioner.equals(StepCaPeerPki.P384) ? "SHA384" : "SHA256";
            return content + "." + signature(algorithm + "withECDSAinP1363Format", key, content);
        } catch (com.nimbusds.jose.JOSEException e) {
            throw new GeneralSecurityException(e);
        }
    }

    String rsa(String alg, String algorithm, String name) throws GeneralSecurityException {
        Map<String, Object> header = header(StepCaPeerPki.RSA);
        header.put("alg", alg);
        String content = encode(JSONObjectUtils.toJSONString(header).getBytes(StandardCharsets.UTF_8)) + "."
                + encode(JSONObjectUtils.toJSONString(claims(StepCaPeerPki.RSA, name))
                        .getBytes(StandardCharsets.UTF_8));
        try {
            return content + "."
                    + signature(algorithm, pki.rsaKey(StepCaPeerPki.RSA).toPrivateKey(), content);
        } catch (com.nimbusds.jose.JOSEException e) {
            throw new GeneralSecurityException(e);
        }
    }

    private static String signature(String algorithm, PrivateKey key, String content) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(algorithm.endsWith("PSS") ? "RSASSA-PSS" : algorithm);
        if (algorithm.endsWith("PSS")) {
            signature.setParameter(new java.security.spec.PSSParameterSpec(
                    "SHA-256", "MGF1", java.security.spec.MGF1ParameterSpec.SHA256, 32, 1));
        }
        signature.initSign(key);
        signature.update(content.getBytes(StandardCharsets.US_ASCII));
        return encode(signature.sign());
    }

    static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
