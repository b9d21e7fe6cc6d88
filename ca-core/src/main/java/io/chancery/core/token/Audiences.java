package io.chancery.core.token;

import io.chancery.core.name.GoUrl;
import io.chancery.core.name.SubjectAltName;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The audiences this CA answers to (wire contract s. 4.2), made from its DNS names. A port in either side is passed over;
 * scheme, host (case-sensitive) and path must be equal.
 */
public final class Audiences {
    private static final String LEGACY = "step-certificate-authority";
    /** In characters; a longer one is not ours, and is not worth reading before its token is verified. */
    private static final int LONGEST = 2_048;

    private final Set<String> sign = new LinkedHashSet<>();
    private final Set<String> renew = new LinkedHashSet<>();
    private final Set<String> revoke = new LinkedHashSet<>();
    private final Set<String> any = new LinkedHashSet<>();

    public Audiences(List<String> dnsNames) {
        sign.add(LEGACY);
        revoke.add(LEGACY);
        for (String name : dnsNames) {
            for (String path : List.of("/1.0/sign", "/sign", "/1.0/ssh/sign", "/ssh/sign")) {
                sign.add(withoutPort("https://" + bracketed(name) + path));
            }
            for (String prefix : List.of("/1.0/", "/")) {
                renew.add(withoutPort("https://" + bracketed(name) + prefix + "renew"));
                revoke.add(withoutPort("https://" + bracketed(name) + prefix + "revoke"));
            }
            for (String action : List.of("ssh/revoke", "ssh/renew", "ssh/rekey")) {
                any.add(withoutPort("https://" + bracketed(name) + "/1.0/" + action));
                any.add(withoutPort("https://" + bracketed(name) + "/" + action));
            }
        }
        any.addAll(sign);
        any.addAll(renew);
        any.addAll(revoke);
    }

    /** Whether one of the token's audiences is for signing here. */
    public boolean allowSign(List<String> audience) {
        return allow(sign, audience);
    }

    /** Whether one of them is for signing here, by the provisioner that its fragment names. */
    public boolean allowSign(List<String> audience, String fragment) {
        return allow(sign, audience, fragment);
    }

    /** Whether one of them is for renewing here. */
    public boolean allowRenew(List<String> audience) {
        return allow(renew, audience);
    }

    /** Whether one of them is for revoking here. */
    public boolean allowRevoke(List<String> audience) {
        return allow(revoke, audience);
    }

    /** Whether one of them is for revoking here, by the provisioner that its fragment names. */
    public boolean allowRevoke(List<String> audience, String fragment) {
        return allow(revoke, audience, fragment);
    }

    private static boolean allow(Set<String> accepted, List<String> audience, String fragment) {
        String suffix = "#" + GoUrl.escapedFragment(fragment);
        return audience.stream()
                .map(Audiences::withoutPort)
                .filter(a -> a.endsWith(suffix))
                .map(a -> a.substring(0, a.length() - suffix.length()))
                .anyMatch(a -> accepted.contains(a) && !a.equals(LEGACY));
    }

    private static boolean allow(Set<String> accepted, List<String> audience) {
        return audience.stream().anyMatch(a -> accepted.contains(withoutPort(a)));
    }

    /** Whether one of them is for anything here, with the fragment that names the token's provisioner, if any does. */
    public boolean allowAny(List<String> audience) {
        return fragment(audience).map(named -> allow(any, audience, named)).orElseGet(() -> allow(any, audience));
    }

    /** The fragment of the first audience that has one: it names a provisioner. */
    public static Optional<String> fragment(List<String> audience) {
        return firstWithFragment(audience)
                .map(a -> GoUrl.parse(a)
                        .map(GoUrl::plainFragment)
                        .orElseGet(() -> suffix(a).substring(1)));
    }

    private static Optional<String> firstWithFragment(List<String> audience) {
        return audience.stream().filter(a -> suffix(a).length() > 1).findFirst();
    }

    /** The fragment with its {@code #}, as printed; empty when there is none. */
    private static String suffix(String audience) {
        if (audience.length() > LONGEST || audience.indexOf('#') < 0) {
            return "";
        }
        String printed = GoUrl.parse(audience).map(GoUrl::print).orElse(audience);
        return printed.indexOf('#') < 0 ? "" : printed.substring(printed.indexOf('#'));
    }

    private static String withoutPort(String audience) {
        if (audience.length() > LONGEST) {
            return audience;
        }
        return GoUrl.parse(audience).map(url -> url.withoutPort().print()).orElse(audience);
    }

    private static String bracketed(String host) {
        return SubjectAltName.isAddress(host) && host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    }
}
