package io.chancery.core.oidc;

/**
 * A provider as it last described itself.
 *
 * @param issuer {@code iss} of its tokens
 */
public record OpenIdProvider(String issuer, KeySet keys) {}
