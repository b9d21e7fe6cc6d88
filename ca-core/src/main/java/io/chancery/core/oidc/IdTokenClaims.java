package io.chancery.core.oidc;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.token.OneTimeToken;
import io.chancery.core.token.TokenClaims;
import java.util.ArrayList;
import java.util.List;

/**
 * What an ID token (OpenID Connect Core 1.0 s. 2) says beyond the claims of every token; each may be empty.
 *
 * @param authorizedParty {@code azp}
 */
public record IdTokenClaims(String email, List<String> groups, String authorizedParty, String nonce) {
    private static final int LONGEST_NONCE = 1024;

    public IdTokenClaims {
        groups = List.copyOf(groups);
    }

    /** CaException TOKEN_INVALID, hidden, when one is of a wrong type or too long. */
    public static IdTokenClaims of(OneTimeToken token) {
        String nonce = token.text("nonce");
        if (nonce.length() > LONGEST_NONCE) {
            throw invalid("nonce longer than " + LONGEST_NONCE + " characters");
        }
        return new IdTokenClaims(
                TokenClaims.name(token.text("email"), "email"), groups(token), token.text("azp"), nonce);
    }

    private static List<String> groups(OneTimeToken token) {
        Object value = token.payload().get("groups");
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof List<?> list)) {
            throw invalid("groups is not a list");
        }
        List<String> groups = new ArrayList<>();
        for (Object each : list) {
            if (!(each instanceof String text)) {
                throw invalid("groups holds something that is not a string");
            }
            groups.add(text);
        }
        return groups;
    }

    private static CaException invalid(String reason) {
        return CaException.hidden(ErrorCode.TOKEN_INVALID, "token: " + reason);
    }
}
