package io.chancery.core.oidc;

import io.chancery.core.name.GoUrl;

/**
 * Where an OpenID provider says what it is (OpenID Connect Discovery 1.0 s. 4). Provisioners with equal ones share what
 * is known of their provider.
 *
 * @param url of its discovery document
 * @param tenantId stands in the issuer in place of {@code {tenantid}}, or empty
 */
public record OpenIdEndpoint(String url, String tenantId) {
    private static final String WELL_KNOWN = "/.well-known/openid-configuration";

    /**
     * As step reads {@code configurationEndpoint}: with or without the well-known path.
     *
     * @throws IllegalArgumentException when it is no http or https URL
     */
    public static OpenIdEndpoint of(String configurationEndpoint, String tenantId) {
        GoUrl url = GoUrl.parse(configurationEndpoint)
                .filter(any -> any.scheme().equals("https") || any.scheme().equals("http"))
                .filter(any -> !any.host().isEmpty() && any.user().isEmpty())
                .orElseThrow(() -> new IllegalArgumentException(
                        "configurationEndpoint is no http or https URL with a host and without a user"));
        String path = url.path();
        while (!path.contains(WELL_KNOWN) && path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        GoUrl document = new GoUrl(
                url.scheme(),
                "",
                "",
                true,
                url.host(),
                path.contains(WELL_KNOWN) ? path : path + WELL_KNOWN,
                url.query(),
                "");
        return new OpenIdEndpoint(document.print(), tenantId);
    }

    /** Whether nobody on the way can change what is read there. */
    public boolean secure() {
        return url.startsWith("https:");
    }
}
