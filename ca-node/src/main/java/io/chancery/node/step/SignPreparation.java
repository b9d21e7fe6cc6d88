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
import java.util.function.Function;

/**
 * All that comes before a request for a certificate is recorded: the rules, and the webhooks that its provisioner has. Those
 * are asked one after the other, as step-ca asks them. Called on an event loop, never waits.
 */
final class SignPreparation {
    private final Issuance rules;
    private final IssuanceFlow flow;
    private final Workers workers;
    private final WebhookCalls webhooks;
    private final TokensInHand tokens;

    /**
     * @param large for what strangers may send: it keeps no template waiting
     * @param templates for what a provisioner believes, and for what only a template or a chain makes long
     */
    record Workers(RequestWorkers large, RequestWorkers templates) {}

    /** @param tokens of all requests to this node */
    SignPreparation(Issuance rules, IssuanceFlow flow, Workers workers, WebhookCalls webhooks, TokensInHand tokens) {
        this.rules = rules;
        this.flow = flow;
        this.workers = workers;
        this.webhooks = webhooks;
        this.tokens = tokens;
    }

    /**
     * What is issued when all have agreed. A token that is known as used makes no work but to be verified, and one that
     * another request is busy with here none on a worker either.
     *
     * @param issue {@link IssuanceFlow#issueNotKnownAsUsed}: the grid is asked here
     * @return fails, or throws, with any CaException of the rules, the webhooks and of what issues; TOKEN_USED;
     *     DEADLINE_EXCEEDED while another request with the token is under way
     */
    <T> Future<T> prepare(
            SignCommand command,
            Optional<String> idempotencyKey,
            RequestContext request,
            Function<PreparedIssuance, Future<T>> issue) {
        boolean large = command.isLarge(); // asked before anything is parsed
        if (!large && !rules.mayTakeLong(command)) {
            return atOnce(command, idempotencyKey, request).compose(issue);
        }
        return (large ? workers.large() : workers.templates())
                .run(request.deadline(), () -> rules.verify(command, flow.now()))
                .map(verified -> noted(verified, request))
                .compose(verified -> tokens.alone(
                        verified.tokenUse(),
                        () -> allowed(verified, idempotencyKey, request).compose(issue)));
    }

    /** Twice a fraction of a millisecond; once, for a token that is known as used. */
    private Future<PreparedIssuance> atOnce(
            SignCommand command, Optional<String> idempotencyKey, RequestContext request) {
        VerifiedRequest verified = noted(rules.verify(command, flow.now()), request);
        if (!verified.webhooks().isEmpty()) {
            throw new IllegalStateException(
                    "the webhooks of " + verified.provisioner().name() + " were not asked");
        }
        return flow.notKnownAsUsed(verified.tokenUse(), verified.requestHash(), idempotencyKey)
                .map(fresh -> prepared(verified).issuance());
    }

    private static VerifiedRequest noted(VerifiedRequest verified, RequestContext request) {
        request.facts().provisioner(verified.provisioner().name());
        return verified;
    }

    private UnapprovedIssuance prepared(VerifiedRequest verified) {
        return rules.prepare(verified, flow.now(), flow.serial());
    }

    private Future<PreparedIssuance> allowed(
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
