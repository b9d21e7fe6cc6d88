package io.chancery.node.step;

import io.chancery.core.issuance.Issuance;
import io.chancery.core.issuance.PreparedIssuance;
import io.chancery.core.issuance.SignCommand;
import io.chancery.core.issuance.UnapprovedIssuance;
import io.chancery.core.issuance.VerifiedRequest;
import io.chancery.core.webhook.Webhook;
import io.chancery.core.webhook.WebhookAnswer;
import io.chancery.core.webhook.WebhookCall;
import io.chancery.core.webhook.WebhookRefusal;
import io.chancery.node.http.RequestContext;
import io.chancery.node.issuance.IssuanceFlow;
import io.chancery.node.issuance.WebhookCalls;
import io.vertx.core.Future;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * All that comes before a request for a certificate is recorded: the rules, and the webhooks that its provisioner has. Those
 * are asked one after the other, as step-ca asks them. Called on an event loop, never waits.
 */
final class SignPreparation {
    private final Issuance rules;
    private final IssuanceFlow flow;
    private final Workers workers;
    private final WebhookCalls webhooks;

    /**
     * @param large for what strangers may send: it keeps no template waiting
     * @param templates for what a provisioner believes, and for what only a template or a chain makes long
     */
    record Workers(RequestWorkers large, RequestWorkers templates) {}

    SignPreparation(Issuance rules, IssuanceFlow flow, Workers workers, WebhookCalls webhooks) {
        this.rules = rules;
        this.flow = flow;
        this.workers = workers;
        this.webhooks = webhooks;
    }

    /** Fails, or throws, with any CaException of the rules and the webhooks. */
    Future<PreparedIssuance> prepare(SignCommand command, Optional<String> idempotencyKey, RequestContext request) {
        if (command.isLarge()) { // asked before anything is parsed
            return begun(workers.large().run(request.deadline(), () -> begun(command)), idempotencyKey, request);
        }
        if (rules.mayTakeLong(command)) {
            return begun(working(request, () -> begun(command)), idempotencyKey, request);
        }
        // A fraction of a millisecond.
        return Future.succeededFuture(noted(begun(command), request).prepared().orElseThrow());
    }

    private Future<PreparedIssuance> begun(
            Future<Begun> beginning, Optional<String> idempotencyKey, RequestContext request) {
        return beginning
                .map(begun -> noted(begun, request))
                .compose(begun -> begun.prepared()
                        .map(Future::succeededFuture)
                        .orElseGet(() -> withWebhooks(begun.verified(), idempotencyKey, request)));
    }

    /** @param prepared empty where there is somebody to ask first */
    private record Begun(VerifiedRequest verified, Optional<PreparedIssuance> prepared) {}

    private static Begun noted(Begun begun, RequestContext request) {
        request.facts().provisioner(begun.verified().provisioner().name());
        return begun;
    }

    private Begun begun(SignCommand command) {
        VerifiedRequest verified = rules.verify(command, flow.now());
        return new Begun(
                verified,
                verified.webhooks().isEmpty() ? Optional.of(prepared(verified).issuance()) : Optional.empty());
    }

    private UnapprovedIssuance prepared(VerifiedRequest verified) {
        return rules.prepare(verified, flow.now(), flow.serial());
    }

    private Future<PreparedIssuance> withWebhooks(
            VerifiedRequest verified, Optional<String> idempotencyKey, RequestContext request) {
        String provisioner = verified.provisioner().name();
        return flow.notKnownAsUsed(verified.tokenUse(), verified.requestHash(), idempotencyKey)
                .compose(fresh -> enriched(verified, verified.enriching().iterator(), request))
                .compose(enriched -> working(request, () -> prepared(enriched)))
                .compose(unapproved -> approved(
                                provisioner, unapproved.approvals().iterator(), request)
                        .map(approved -> unapproved.issuance()));
    }

    private Future<VerifiedRequest> enriched(VerifiedRequest verified, Iterator<Webhook> left, RequestContext request) {
        if (!left.hasNext()) {
            return Future.succeededFuture(verified);
        }
        Webhook next = left.next();
        return working(request, () -> verified.enrichment(next, flow.now()))
                .compose(call -> asked(verified.provisioner().name(), call, request))
                .compose(answer -> enriched(verified.answered(next, answer.data()), left, request));
    }

    private Future<Void> approved(String provisioner, Iterator<WebhookCall> left, RequestContext request) {
        return left.hasNext()
                ? asked(provisioner, left.next(), request).compose(allowed -> approved(provisioner, left, request))
                : Future.succeededFuture();
    }

    private Future<WebhookAnswer> asked(String provisioner, WebhookCall call, RequestContext request) {
        return webhooks.ask(provisioner, call, request.requestId(), request.deadline())
                .compose(answer -> answer.allow()
                        ? Future.succeededFuture(answer)
                        : Future.failedFuture(WebhookRefusal.of(call.webhook(), answer)));
    }

    // A template may compute for a tenth of a second: not on the loop.
    private <T> Future<T> working(RequestContext request, Callable<T> work) {
        return workers.templates().run(request.deadline(), work);
    }
}
