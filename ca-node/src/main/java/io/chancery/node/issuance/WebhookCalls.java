package io.chancery.node.issuance;

import io.chancery.core.webhook.WebhookAnswer;
import io.chancery.core.webhook.WebhookCall;
import io.vertx.core.Future;

/** Asks webhooks, before anything is recorded: a token stays unused when one says no, or nothing. */
@FunctionalInterface
public interface WebhookCalls {
    /**
     * What the webhook answers. Called on an event loop.
     *
     * @param provisioner whose webhook it is
     * @return fails with FORBIDDEN when it refuses by its status, with WEBHOOK_UNAVAILABLE, OVERLOADED or
     *     DEADLINE_EXCEEDED when there is no answer
     */
    Future<WebhookAnswer> ask(String provisioner, WebhookCall call, String requestId, Deadline deadline);
}
