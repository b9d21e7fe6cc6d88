package io.chancery.core.provisioner;

import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.token.Audiences;
import io.chancery.core.token.TokenClaims;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What a token is held against, whosever it is: what it was sent for, where, and when. Each check throws TOKEN_INVALID;
 * which one failed is for the log alone.
 *
 * @param audiences of this CA
 * @param now the moment of the request
 */
public record TokenCheck(Purpose purpose, Audiences audiences, PublicKeys keys, Instant now) {
    /** How far clocks may differ: step's minute. */
    public static final Duration LEEWAY = Duration.ofMinutes(1);

    /** What a token was sent for. */
    public enum Purpose {
        SIGN,
        REVOKE
    }

    /** {@code exp}, {@code nbf} and {@code iat}, each only if it is there. */
    public void times(TokenClaims claims) {
        require(claims.expiresAt().map(t -> !now.isAfter(t.plus(LEEWAY))).orElse(true), "expired");
        require(claims.notBefore().map(t -> !now.isBefore(t.minus(LEEWAY))).orElse(true), "not valid yet");
        require(claims.issuedAt().map(t -> !now.isBefore(t.minus(LEEWAY))).orElse(true), "issued in the future");
    }

    /** The audience is for what the token was sent for, at this CA. */
    public void audience(List<String> audience) {
        boolean addressed = switch (purpose) {
            case SIGN -> audiences.allowSign(audience);
            case REVOKE -> audiences.allowRevoke(audience);
        };
        require(addressed, "its audience is not for this here");
    }

    /** As {@link #audience(List)}, and names the provisioner by its token id. */
    public void audience(List<String> audience, String tokenId) {
        boolean addressed = switch (purpose) {
            case SIGN -> audiences.allowSign(audience, tokenId);
            case REVOKE -> audiences.allowRevoke(audience, tokenId);
        };
        require(addressed, "its audience is not for this here, by this provisioner");
    }

    /** TOKEN_INVALID unless it holds. */
    public static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw invalid(otherwise);
        }
    }

    static CaException invalid(String why) {
        return CaException.hidden(ErrorCode.TOKEN_INVALID, "token: " + why);
    }
}
