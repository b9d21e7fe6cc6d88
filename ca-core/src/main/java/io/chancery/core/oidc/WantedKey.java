package io.chancery.core.oidc;

/**
 * A key that a token, not yet believed, says it is signed with, and that is not known of its provider.
 *
 * @param keyId the token's {@code kid}, or empty
 */
public record WantedKey(OpenIdEndpoint endpoint, String keyId) {}
