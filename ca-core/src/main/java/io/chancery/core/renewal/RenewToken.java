package io.chancery.core.renewal;

import io.chancery.core.certificate.PresentedCertificate;
import io.chancery.core.chain.ClientCertificate;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuance.TokenUse;
import io.chancery.core.provisioner.Provisioner;
import io.chancery.core.provisioner.TokenCheck;
import io.chancery.core.token.Audiences;
import io.chancery.core.token.OneTimeToken;
import io.chancery.core.token.TokenClaims;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BiFunction;

/**
 * A token by which a client renews a certificate that it cannot show over TLS (wire contract s. 3.4): signed with the
 * certificate's own key, with the chain in its header. Read, and believed only as far as its checks have been called.
 */
public final class RenewToken {
    private static final String WRONG = "error validating renew token";
    private static final String CLIENTS = "step-ca-client/1.0";
    private static final Duration LEEWAY = TokenCheck.LEEWAY;

    private final OneTimeToken token;
    private final ClientCertificate certificate;

    private RenewToken(OneTimeToken token, ClientCertificate certificate) {
        this.token = token;
        this.certificate = certificate;
    }

    /**
     * Reads one.
     *
     * @param proof leads the certificate that signed it to a root by the others that came with it, or refuses to
     */
    static RenewToken parse(String text, BiFunction<PresentedCertificate, List<Der>, ClientCertificate> proof) {
        try {
            OneTimeToken token = OneTimeToken.parse(text);
            List<Der> chain = token.chain(OneTimeToken.Chain.INSECURE);
            if (chain.isEmpty()) {
                throw CaException.of(ErrorCode.MALFORMED, WRONG + ": x5cInsecure is empty"); // step-ca hangs up
            }
            return new RenewToken(
                    token, proof.apply(PresentedCertificate.parse(chain.get(0)), chain.subList(1, chain.size())));
        } catch (CaException e) {
            if (!e.publicDetail().isEmpty()) {
                throw e;
            }
            throw invalid(String.valueOf(e.getMessage()));
        }
    }

    /** The one to be renewed. */
    public ClientCertificate certificate() {
        return certificate;
    }

    void checkSignature(PublicKeys keys) {
        if (!token.signedBy(keys.decode(certificate.leaf().keyInfo()), keys)) {
            throw CaException.of(ErrorCode.RENEW_TOKEN_FOREIGN, WRONG);
        }
    }

    /** Each claim only if it is there, but for iss and aud, and sub unless the certificate has no common name. */
    void check(Provisioner provisioner, Audiences audiences, Instant now) {
        TokenClaims claims = token.claims();
        String name = certificate.leaf().commonName();
        require(name.isEmpty() || claims.subject().equals(name), "invalid subject claim (sub)");
        require(claims.notBefore().map(t -> !now.isBefore(t.minus(LEEWAY))).orElse(true), "token not valid yet (nbf)");
        require(claims.expiresAt().map(t -> !now.isAfter(t.plus(LEEWAY))).orElse(true), "token is expired (exp)");
        require(
                claims.issuedAt().map(t -> !now.isBefore(t.minus(LEEWAY))).orElse(true),
                "token issued in the future (iat)");
        if (!audiences.allowRenew(claims.audience())) {
            throw CaException.of(ErrorCode.RENEW_TOKEN_FOREIGN, WRONG + ": invalid audience claim (aud)");
        }
        require(
                claims.issuer().equals(CLIENTS) || claims.issuer().equals(provisioner.name()),
                "invalid issuer claim (iss)");
    }

    TokenUse use(String provisioner) {
        return TokenUse.of(token, token.useKey(), provisioner);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw CaException.of(ErrorCode.RENEW_TOKEN_INVALID, WRONG + ": " + otherwise);
        }
    }

    /** Why is for the log alone, as step-ca has it. */
    static CaException invalid(String reason) {
        return CaException.of(ErrorCode.RENEW_TOKEN_INVALID, WRONG, "renew token: " + reason);
    }
}
