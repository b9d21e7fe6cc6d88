package io.chancery.core.oidc;

/** What is known of OpenID providers: somebody else asks them, and keeps their keys fresh. */
public interface OpenIdProviders {
    /** Nothing of any: for configurations that are only looked at. */
    OpenIdProviders NONE = endpoint -> ProviderState.unknown("nobody has asked the provider");

    /** What is known at this moment. Any thread; never waits. */
    ProviderState state(OpenIdEndpoint endpoint);
}
