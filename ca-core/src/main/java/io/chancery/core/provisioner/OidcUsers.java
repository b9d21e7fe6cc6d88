package io.chancery.core.provisioner;

import io.chancery.core.json.Json;
import io.chancery.core.oidc.IdTokenClaims;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Which users of an OpenID provider count, and for how much.
 *
 * @param clientId whom the provider made the token for
 * @param admins e-mail addresses and groups: their certificates have the names that they ask for, and they may revoke
 * @param domains of e-mail addresses; empty for all
 * @param groups of which a user must be in one; empty for all
 */
record OidcUsers(String clientId, List<String> admins, List<String> domains, List<String> groups) {
    OidcUsers {
        admins = List.copyOf(admins);
        domains = List.copyOf(domains);
        groups = List.copyOf(groups);
    }

    /** IllegalArgumentException saying which member is wrong. */
    static OidcUsers of(Map<String, Object> raw) {
        if (!(Json.member(raw, "clientID") instanceof String clientId) || clientId.isEmpty()) {
            throw new IllegalArgumentException("clientID cannot be empty");
        }
        return new OidcUsers(clientId, texts(raw, "admins"), texts(raw, "domains"), texts(raw, "groups"));
    }

    private static List<String> texts(Map<String, Object> raw, String name) {
        Object value = Json.member(raw, name);
        if (value != null && !(value instanceof List<?>)) {
            throw new IllegalArgumentException(name + " is not a list");
        }
        List<String> texts = new ArrayList<>();
        for (Object each : value instanceof List<?> list ? list : List.of()) {
            if (!(each instanceof String text)) {
                throw new IllegalArgumentException(name + " holds something that is not a string");
            }
            texts.add(text);
        }
        return texts;
    }

    /** By e-mail address, whose domain counts without regard to case, or by group. */
    boolean isAdmin(IdTokenClaims claims) {
        String email = canonical(claims.email());
        return admins.stream()
                .anyMatch(each -> (!email.isEmpty() && canonical(each).equals(email))
                        || claims.groups().contains(each));
    }

    /** CaException TOKEN_INVALID unless the user is one of those that count; one without an address has no domain. */
    void check(IdTokenClaims claims) {
        String azp = claims.authorizedParty();
        TokenCheck.require(azp.isEmpty() || azp.equals(clientId), "azp is not the provisioner's client");
        String email = canonical(claims.email());
        TokenCheck.require(
                email.isEmpty()
                        || domains.isEmpty()
                        || isAdmin(claims)
                        || domains.stream().anyMatch(each -> email.endsWith("@" + each.toLowerCase(Locale.ROOT))),
                "its e-mail address is of no domain that is allowed");
        TokenCheck.require(
                groups.isEmpty() || claims.groups().stream().anyMatch(groups::contains),
                "its user is in no group that is allowed");
    }

    private static String canonical(String email) {
        int at = email.lastIndexOf('@');
        return at < 0 ? email : email.substring(0, at) + email.substring(at).toLowerCase(Locale.ROOT);
    }
}
