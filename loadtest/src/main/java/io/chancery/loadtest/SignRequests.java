package io.chancery.loadtest;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.io.StringWriter;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Date;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * Bodies for {@code /sign} without end: each with a one-time token of its own, all with the same certificate request.
 * Not for several threads at once.
 */
final class SignRequests implements Iterator<Map<String, Object>> {
    /** The name that Gatling's session knows a body by. */
    static final String BODY = "body";

    private static final String NAME = "load.example";
    private static final int TOKEN_SECONDS = 300;

    private final LoadSettings settings;
    private final String kid;
    private final JWSSigner signer;
    private final String csr;

    SignRequests(LoadSettings settings, ECKey provisionerKey) throws GeneralSecurityException, IOException {
        this.settings = settings;
        this.kid = provisionerKey.getKeyID();
        try {
            this.signer = new ECDSASigner(provisionerKey);
        } catch (JOSEException e) {
            throw new GeneralSecurityException("the provisioner's key cannot sign", e);
        }
        this.csr = request();
    }

    private static String request() throws GeneralSecurityException, IOException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair key = generator.generateKeyPair();
        StringWriter text = new StringWriter();
        try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
            pem.writeObject(new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=" + NAME), key.getPublic())
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate())));
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException("the request cannot be signed", e);
        }
        return text.toString();
    }

    @Override
    public boolean hasNext() {
        return true;
    }

    @Override
    public Map<String, Object> next() {
        return Map.of(BODY, JSONObjectUtils.toJSONString(Map.of("csr", csr, "ott", token())));
    }

    private String token() {
        Instant now = Instant.now();
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256)
                        .type(JOSEObjectType.JWT)
                        .keyID(kid)
                        .build(),
                new JWTClaimsSet.Builder()
                        .issuer(settings.provisioner())
                        .audience(settings.url() + "/1.0/sign")
                        .subject(NAME)
                        .issueTime(Date.from(now))
                        .notBeforeTime(Date.from(now))
                        .expirationTime(Date.from(now.plusSeconds(TOKEN_SECONDS)))
                        .jwtID(UUID.randomUUID().toString())
                        .claim("sans", List.of(NAME))
                        .build());
        try {
            token.sign(signer);
        } catch (JOSEException e) {
            throw new IllegalStateException("a token cannot be signed", e);
        }
        return token.serialize();
    }
}
