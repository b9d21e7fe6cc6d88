package io.chancery.core.webhook;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;

/** What a caller reads when a webhook says no, as step-ca tells it. */
public final class WebhookRefusal {
    private static final String NO_WORDS = "webhook server did not allow request";

    private WebhookRefusal() {}

    /** FORBIDDEN, in the words of an enriching webhook; those of an authorizing one are for the log alone. */
    public static CaException of(Webhook webhook, WebhookAnswer answer) {
        return of(webhook, answer.refusal().orElse(NO_WORDS));
    }

    /** As above, for one that refused by its status. */
    public static CaException ofStatus(Webhook webhook, int status) {
        return of(webhook, "Webhook server responded with " + status);
    }

    private static CaException of(Webhook webhook, String words) {
        String told = switch (webhook.kind()) {
            case ENRICHING -> words;
            case AUTHORIZING -> "error creating certificate";
        };
        return CaException.of(ErrorCode.FORBIDDEN, told, "webhook " + webhook.name() + ": " + words);
    }
}
