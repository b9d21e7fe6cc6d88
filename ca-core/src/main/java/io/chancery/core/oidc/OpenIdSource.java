package io.chancery.core.oidc;

import java.util.Optional;

/** A provider, and somebody who knows what it last said. */
public record OpenIdSource(OpenIdEndpoint endpoint, OpenIdProviders providers) {
    /** At this moment. */
    public ProviderState state() {
        return providers.state(endpoint);
    }

    /** The same provider, as others know it. */
    public OpenIdSource knownTo(OpenIdProviders others) {
        return new OpenIdSource(endpoint, others);
    }

    /** The key, if it is not known. */
    public Optional<WantedKey> wanted(String keyId) {
        boolean known = state().provider()
                .map(provider -> !provider.keys().named(keyId).isEmpty())
                .orElse(false);
        return known ? Optional.empty() : Optional.of(new WantedKey(endpoint, keyId));
    }
}
