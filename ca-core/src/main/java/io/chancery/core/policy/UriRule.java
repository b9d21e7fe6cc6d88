package io.chancery.core.policy;

import io.chancery.core.name.GoUrl;
import io.chancery.core.name.SubjectAltName;

/** The host of a URI, whatever its port and user: {@code a.example}, or {@code *.a.example} for all of one label more. */
record UriRule(String text, String domain) implements NameRule<String> {
    /** IllegalArgumentException saying what would be right. */
    static UriRule parse(String text) {
        try {
            String stripped = text.strip();
            if (!SubjectAltName.isAddress(stripped)) {
                return new UriRule(text, DomainName.rule(stripped));
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw new IllegalArgumentException(
                "a host such as \"a.example\", or \"*.example\" for all of one label more; no address, port or path");
    }

    /** A URI's host in the form that is compared; IllegalArgumentException when it has none, or an address. */
    static String host(String uri) {
        String host = GoUrl.parse(uri).map(url -> url.withoutPort().host()).orElse("");
        if (host.isEmpty() || SubjectAltName.isAddress(host)) {
            throw new IllegalArgumentException("it has no host name");
        }
        if (host.indexOf('*') >= 0 || host.indexOf(':') >= 0) {
            throw new IllegalArgumentException("its host is no domain name");
        }
        return DomainName.labels(host);
    }

    @Override
    public boolean covers(String host) {
        return DomainName.covers(domain, host);
    }
}
