package io.chancery.core.oidc;

import io.chancery.core.json.Json;
import io.chancery.core.name.GoUrl;
import java.util.Map;

/**
 * What is used of a discovery document (OpenID Connect Discovery 1.0 s. 3).
 *
 * @param issuer {@code iss} of its tokens, exactly
 * @param jwksUri where its keys are
 */
public record ProviderMetadata(String issuer, String jwksUri) {
    /**
     * Reads a discovery document.
     *
     * @throws IllegalArgumentException when it is none, or its keys could be changed on the way though it itself could not
     */
    public static ProviderMetadata parse(String json, OpenIdEndpoint endpoint) {
        if (!(Json.parse(json) instanceof Map<?, ?> members)) {
            throw new IllegalArgumentException("the discovery document is no JSON object");
        }
        String issuer = text(members, "issuer");
        String keys = text(members, "jwks_uri");
        GoUrl url = GoUrl.parse(keys)
                .filter(any -> !any.host().isEmpty())
                .filter(any -> any.scheme().equals("https") || (any.scheme().equals("http") && !endpoint.secure()))
                .orElseThrow(() -> new IllegalArgumentException(
                        "jwks_uri of the discovery document is no https URL: " + shortened(keys)));
        return new ProviderMetadata(
                endpoint.tenantId().isEmpty() ? issuer : issuer.replace("{tenantid}", endpoint.tenantId()),
                url.print());
    }

    private static String text(Map<?, ?> members, String name) {
        if (members.get(name) instanceof String text && !text.isEmpty()) {
            return text;
        }
        throw new IllegalArgumentException("the discovery document has no text as " + name);
    }

    private static String shortened(String text) {
        return text.length() > 100 ? text.substring(0, 100) + "…" : text;
    }
}
