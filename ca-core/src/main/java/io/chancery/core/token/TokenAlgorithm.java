package io.chancery.core.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.crypto.impl.ECDSA;
import io.chancery.core.crypto.SignatureCheck;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Optional;

/** The JWS algorithms (RFC 7518 s. 3.1, RFC 8037) that a token may carry: public-key signatures, never {@code none} or a MAC. */
enum TokenAlgorithm {
    ES256(SignatureCheck.named("SHA256withECDSA"), 256),
    ES384(SignatureCheck.named("SHA384withECDSA"), 384),
    ES512(SignatureCheck.named("SHA512withECDSA"), 521),
    RS256(SignatureCheck.named("SHA256withRSA"), 0),
    RS384(SignatureCheck.named("SHA384withRSA"), 0),
    RS512(SignatureCheck.named("SHA512withRSA"), 0),
    PS256(SignatureCheck.pss("SHA-256"), 0),
    PS384(SignatureCheck.pss("SHA-384"), 0),
    PS512(SignatureCheck.pss("SHA-512"), 0),
    EdDSA(SignatureCheck.named("Ed25519"), 0);

    @SuppressWarnings("ImmutableEnumChecker") // a record of strings
    private final SignatureCheck check;

    private final int curveBits;

    TokenAlgorithm(SignatureCheck check, int curveBits) {
        this.check = check;
        this.curveBits = curveBits;
    }

    static Optional<TokenAlgorithm> named(String name) {
        return Arrays.stream(values()).filter(a -> a.name().equals(name)).findFirst();
    }

    SignatureCheck check() {
        return check;
    }

    /** Whether the algorithm is one for this key: no algorithm is ever run with another type's key. */
    boolean fits(PublicKey key) {
        if (key instanceof ECPublicKey ec) {
            return curveBits != 0 && ec.getParams().getCurve().getField().getFieldSize() == curveBits;
        }
        if (key instanceof RSAPublicKey) {
            return curveBits == 0 && this != EdDSA;
        }
        return this == EdDSA;
    }

    /** The signature as JCA wants it: JWS writes ECDSA signatures as r‖s (RFC 7518 s. 3.4), JCA reads DER. */
    byte[] jcaSignature(byte[] jws) throws JOSEException {
        if (curveBits == 0) {
            return jws;
        }
        if (jws.length != 2 * ((curveBits + 7) / 8)) {
            throw new JOSEException("an ECDSA signature of a wrong length");
        }
        int half = jws.length / 2;
        if (isZero(jws, 0, half) || isZero(jws, half, jws.length)) {
            // Some providers once took these for anybody's signature over anything.
            throw new JOSEException("an ECDSA signature with a zero");
        }
        return ECDSA.transcodeSignatureToDER(jws);
    }

    private static boolean isZero(byte[] octets, int from, int to) {
        for (int i = from; i < to; i++) {
            if (octets[i] != 0) {
                return false;
            }
        }
        return true;
    }
}
