package io.chancery.core.config;

import io.chancery.core.policy.NamePolicy;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What chancery.json says of one provisioner of ca.json.
 *
 * @param policy about the names of its certificates; empty when there is none, or none with rules
 * @param webhooks secrets of its webhooks, by their names
 */
public record ProvisionerSettings(Optional<NamePolicy> policy, Map<String, Webhook> webhooks) {
    public ProvisionerSettings {
        webhooks = Map.copyOf(webhooks);
    }

    /**
     * Where the secrets of one webhook are; at most one of the last two is there.
     *
     * @param secretFile the Base64 of the key that requests are signed with, as step prints it
     * @param bearerTokenFile what a bearer token is in
     */
    public record Webhook(Optional<Path> secretFile, Optional<Path> bearerTokenFile, Optional<BasicAuth> basicAuth) {}

    /** A name, and the file that its password is in. */
    public record BasicAuth(String username, Path passwordFile) {}
}
