package io.chancery.core.provisioner;

import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.token.Audiences;
import io.chancery.core.token.OneTimeToken;
import io.chancery.core.token.TokenClaims;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;

/** Verifies the tokens that provisioners sign (wire contract s. 4.5), whatever they are for. */
public final class ProvisionerTokens {
    /** How far clocks may differ: step's minute. */
    public static final Duration LEEWAY = Duration.ofMinutes(1);

    private ProvisionerTokens() {}

    /**
     * The provisioner that the token is of, when all is well with it. Which check failed is for the log alone.
     *
     * @param purpose whether an audience is for what the token was sent for
     * @throws CaException TOKEN_INVALID, PROVISIONER_DISABLED
     */
    public static JwkProvisioner verify(
            OneTimeToken token,
            Provisioners provisioners,
            Audiences audiences,
            Predicate<List<String>> purpose,
            PublicKeys keys,
            Instant now) {
        JwkProvisioner provisioner = provisioners.find(token, audiences);
        TokenClaims claims = token.claims();
        require(token.signedBy(provisioner.key(), keys), "its signature is not the provisioner's");
        require(claims.issuer().equals(provisioner.name()), "iss is not the provisioner's name");
        require(claims.expiresAt().map(t -> !now.isAfter(t.plus(LEEWAY))).orElse(true), "expired");
        require(claims.notBefore().map(t -> !now.isBefore(t.minus(LEEWAY))).orElse(true), "not valid yet");
        require(claims.issuedAt().map(t -> !now.isBefore(t.minus(LEEWAY))).orElse(true), "issued in the future");
        require(purpose.test(claims.audience()), "its audience is not for this here");
        require(!claims.subject().isEmpty(), "sub is empty");
        return provisioner;
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw CaException.hidden(ErrorCode.TOKEN_INVALID, "token: " + otherwise);
        }
    }
}
