package io.chancery.core.crypto;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import java.io.IOException;
import java.security.PublicKey;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/** JSON Web Keys (RFC 7517) that verify the signatures of tokens. */
public final class JsonWebKeys {
    private JsonWebKeys() {}

    /**
     * The key's public part.
     *
     * @throws IllegalArgumentException when keys of its type do not sign tokens
     * @throws io.chancery.core.error.CaException BAD_KEY
     */
    public static PublicKey publicKey(JWK key, PublicKeys keys) throws JOSEException, IOException {
        if (key instanceof ECKey ec) {
            return keys.decode(
                    SubjectPublicKeyInfo.getInstance(ec.toECPublicKey().getEncoded()));
        }
        if (key instanceof RSAKey rsa) {
            return keys.decode(
                    SubjectPublicKeyInfo.getInstance(rsa.toRSAPublicKey().getEncoded()));
        }
        if (key instanceof OctetKeyPair okp && okp.getCurve().getName().equals("Ed25519")) {
            return keys.decode(new SubjectPublicKeyInfo(
                    new AlgorithmIdentifier(EdECObjectIdentifiers.id_Ed25519), okp.getDecodedX()));
        }
        throw new IllegalArgumentException("key is of a type that cannot sign tokens");
    }
}
