package io.chancery.core.webhook;

/**
 * What is asked of a webhook.
 *
 * @param target path and query, as they stand in a request line
 * @param body JSON
 */
public record WebhookCall(Webhook webhook, String target, String body) {}
