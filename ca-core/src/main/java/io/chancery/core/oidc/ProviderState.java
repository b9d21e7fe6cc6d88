package io.chancery.core.oidc;

import java.util.Optional;

/**
 * What is known of a provider at one moment.
 *
 * @param provider empty until it has answered once
 * @param reason why it is empty, or empty
 */
public record ProviderState(Optional<OpenIdProvider> provider, String reason) {
    public static ProviderState of(OpenIdProvider provider) {
        return new ProviderState(Optional.of(provider), "");
    }

    public static ProviderState unknown(String reason) {
        return new ProviderState(Optional.empty(), reason);
    }
}
