package io.chancery.core.token;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The audiences this CA answers to (wire contract s. 4.2), made from its DNS names. A port in either side is passed over;
 * scheme, host (case-sensitive) and path must be equal.
 */
public final class Audiences {
    private static final String LEGACY = "step-certificate-authority";

    private final Set<String> sign = new LinkedHashSet<>();
    private final Set<String> any = new LinkedHashSet<>();

    public Audiences(List<String> dnsNames) {
        sign.add(LEGACY);
        for (String name : dnsNames) {
            String host = bare(name);
            for (String path : List.of("/1.0/sign", "/sign", "/1.0/ssh/sign", "/ssh/sign")) {
                sign.add("https://" + host + path);
            }
            for (String action : List.of("renew", "revoke", "ssh/revoke", "ssh/renew", "ssh/rekey")) {
                any.add("https://" + host + "/1.0/" + action);
                any.add("https://" + host + "/" + action);
            }
        }
        any.addAll(sign);
    }

    /** Whether one of the token's audiences is for signing here. */
    public boolean allowSign(List<String> audience) {
        return audience.stream().anyMatch(a -> sign.contains(withoutPort(a)));
    }

    /** Whether one of them, its fragment apart, is for anything here. */
    public boolean allowAny(List<String> audience) {
        return audience.stream().anyMatch(a -> any.contains(withoutPort(withoutFragment(a))));
    }

    /** The fragment of the first audience that has one: it names a provisioner. */
    public static Optional<String> fragment(List<String> audience) {
        return audience.stream()
                .filter(a -> a.indexOf('#') >= 0 && a.indexOf('#') < a.length() - 1)
                .map(a -> a.substring(a.indexOf('#') + 1))
                .findFirst();
    }

    private static String withoutFragment(String audience) {
        int hash = audience.indexOf('#');
        return hash < 0 ? audience : audience.substring(0, hash);
    }

    private static String withoutPort(String audience) {
        if (!audience.toLowerCase(Locale.ROOT).startsWith("https://")) {
            return audience;
        }
        try {
            URI uri = new URI(audience);
            String host = uri.getHost();
            if (host == null || uri.getRawUserInfo() != null || uri.getRawQuery() != null) {
                return audience;
            }
            String fragment = uri.getRawFragment() == null ? "" : "#" + uri.getRawFragment();
            return uri.getScheme() + "://" + bare(host) + uri.getRawPath() + fragment;
        } catch (URISyntaxException e) {
            return audience;
        }
    }

    /** Without the brackets of an IPv6 literal: Go's Hostname() drops them on both sides. */
    private static String bare(String host) {
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }
}
