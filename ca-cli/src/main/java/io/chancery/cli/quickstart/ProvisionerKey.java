package io.chancery.cli.quickstart;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.PasswordBasedDecrypter;
import com.nimbusds.jose.crypto.PasswordBasedEncrypter;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.security.SecureRandom;
import java.text.ParseException;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;

/** The key of a JWK provisioner, as step makes and publishes it (wire contract s. 6). */
final class ProvisionerKey {
    private static final int ITERATIONS = 600_000;
    private static final int SALT_BYTES = 16;
    private static final int TOKEN_SECONDS = 300;

    private final ECKey key;

    private ProvisionerKey(ECKey key) {
        this.key = key;
    }

    static ProvisionerKey generate(SecureRandom random) throws JOSEException {
        return new ProvisionerKey(new ECKeyGenerator(Curve.P_256)
                .algorithm(JWSAlgorithm.ES256)
                .keyUse(KeyUse.SIGNATURE)
                .keyIDFromThumbprint(true)
                .secureRandom(random)
                .generate());
    }

    static ProvisionerKey decrypt(String encrypted, String password) throws ParseException, JOSEException {
        JWEObject jwe = JWEObject.parse(encrypted);
        jwe.decrypt(new PasswordBasedDecrypter(password));
        return new ProvisionerKey(ECKey.parse(jwe.getPayload().toString()));
    }

    String publicJson() {
        return key.toPublicJWK().toJSONString();
    }

    /** Compact JWE under the password. */
    String encrypt(String password) throws JOSEException {
        JWEObject jwe = new JWEObject(
                new JWEHeader.Builder(JWEAlgorithm.PBES2_HS256_A128KW, EncryptionMethod.A256GCM)
                        .contentType("jwk+json")
                        .build(),
                new Payload(key.toJSONString()));
        jwe.encrypt(new PasswordBasedEncrypter(password, SALT_BYTES, ITERATIONS));
        return jwe.serialize();
    }

    /** A one-time token for one name, good for five minutes. */
    String token(
            String provisioner, String audience, String rootFingerprint, String name, Instant now, SecureRandom random)
            throws JOSEException {
        byte[] id = new byte[32];
        random.nextBytes(id);
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .issuer(provisioner)
                .audience(audience)
                .subject(name)
                .issueTime(Date.from(now))
                .notBeforeTime(Date.from(now))
                .expirationTime(Date.from(now.plusSeconds(TOKEN_SECONDS)))
                .jwtID(HexFormat.of().formatHex(id))
                .claim("sha", rootFingerprint)
                .claim("sans", List.of(name))
                .build();
        SignedJWT jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256)
                        .keyID(key.getKeyID())
                        .type(JOSEObjectType.JWT)
                        .build(),
                claims);
        jwt.sign(new ECDSASigner(key));
        return jwt.serialize();
    }
}
