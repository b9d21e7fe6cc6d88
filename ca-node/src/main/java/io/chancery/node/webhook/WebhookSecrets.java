package io.chancery.node.webhook;

import java.util.Map;

/**
 * The secrets of all webhooks of one configuration.
 *
 * @param all by name of the provisioner, then of the webhook
 */
public record WebhookSecrets(Map<String, Map<String, WebhookCredentials>> all) {
    public static final WebhookSecrets NONE = new WebhookSecrets(Map.of());

    public WebhookSecrets {
        all = Map.copyOf(all);
    }

    WebhookCredentials of(String provisioner, String webhook) {
        return all.getOrDefault(provisioner, Map.of()).getOrDefault(webhook, WebhookCredentials.NONE);
    }
}
