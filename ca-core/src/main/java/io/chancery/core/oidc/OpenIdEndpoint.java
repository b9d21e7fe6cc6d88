package io.chancery.core.oidc;

import io.chancery.core.name.GoUrl;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where an OpenID provider says what it is (OpenID Connect Discovery 1.0 s. 4). Provisioners with equal ones share what
 * is known of their provider.
 *
 * @param url of its discovery document
 * @param tenantId stands in the issuer in place of {@code {tenantid}}, or empty
 */
public record OpenIdEndpoint(String url, String tenantId) {
    private static final String WELL_KNOWN = "/.well-known/openid-configuration";
    /** Leading zeros are no part of it. */
    private static final Pattern PORT = Pattern.compile(":0*([0-9]+)$");

    private static final int HIGHEST_PORT = 65_535;

    /**
     * As step reads {@code configurationEndpoint}: with or without the well-known path.
     *
     * @throws IllegalArgumentException when it is no http or https URL, or nothing can have its port
     */
    public static OpenIdEndpoint of(String configurationEndpoint, String tenantId) {
        GoUrl url = GoUrl.parse(configurationEndpoint)
                .filter(any -> any.scheme().equals("https") || any.scheme().equals("http"))
                .filter(any -> !any.host().isEmpty() && any.user().isEmpty())
                .orElseThrow(() -> new IllegalArgumentException(
                        "configurationEndpoint is no http or https URL with a host and without a user"));
        if (!isPort(url.host())) {
            throw new IllegalArgumentException(
                    "configurationEndpoint has a port that is not from 1 to " + HIGHEST_PORT);
        }
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

    private static boolean isPort(String host) {
        Matcher port = PORT.matcher(host);
        if (!port.find()) {
            return true;
        }
        String digits = port.group(1);
        return digits.length() <= 5 && Integer.parseInt(digits) <= HIGHEST_PORT && Integer.parseInt(digits) > 0;
    }

    /** Whether nobody on the way can change what is read there. */
    public boolean secure() {
        return url.startsWith("https:");
    }
}
