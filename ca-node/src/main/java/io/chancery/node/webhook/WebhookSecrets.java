package io.chancery.node.webhook;

import io.chancery.core.webhook.Webhook;
import java.util.Map;

/**
 * The secrets of all webhooks of one configuration. A request that began with the configuration before finds none where a
 * webhook has moved meanwhile: what is meant for one server is shown to no other.
 */
public record WebhookSecrets(Map<Owner, WebhookCredentials> all) {
    public static final WebhookSecrets NONE = new WebhookSecrets(Map.of());

    public WebhookSecrets {
        all = Map.copyOf(all);
    }

    /**
     * Whom secrets are for.
     *
     * @param provisioner its name
     * @param webhook its name
     * @param origin of the webhook's URL, as {@link Webhook#origin} has it
     */
    public record Owner(String provisioner, String webhook, String origin) {
        public static Owner of(String provisioner, Webhook webhook) {
            return new Owner(provisioner, webhook.name(), webhook.origin());
        }
    }

    WebhookCredentials of(String provisioner, Webhook webhook) {
        return all.getOrDefault(Owner.of(provisioner, webhook), WebhookCredentials.NONE);
    }
}
