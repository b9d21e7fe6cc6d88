package io.chancery.node.step;

import io.chancery.core.issuance.SignCommand;
import io.chancery.core.oidc.WantedKey;
import io.chancery.node.http.RequestContext;
import io.chancery.node.issuance.IssuanceFlow;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/** {@code POST /sign}: a certificate for a one-time token. */
final class SignHandler implements Handler<RoutingContext> {
    private final Authority authority;
    private final StepApi.Flows flows;
    private final SignPreparation preparation;
    private final RequestWorkers large;
    private final IssuanceFlow flow;
    private final IssuedReply reply;

    /**
     * @param large for requests that are
     * @param tokens of all requests to this node
     */
    SignHandler(Authority authority, StepApi.Flows flows, RequestWorkers large, TokensInHand tokens) {
        this.authority = authority;
        this.flows = flows;
        this.preparation = new SignPreparation(
                authority.rules(),
                flows.issuance(),
                new SignPreparation.Workers(large, flows.templates()),
                flows.webhooks(),
                tokens);
        this.large = large;
        this.flow = flows.issuance();
        this.reply = new IssuedReply(authority);
    }

    @Override
    public void handle(RoutingContext ctx) {
        SignCommand command = SignBody.read(ctx.body().buffer());
        RequestContext request = RequestContext.of(ctx);
        Optional<String> key = IssuedReply.idempotencyKey(ctx);
        wantedKey(command, request)
                .compose(wanted -> flows.wantedKeys().ready(wanted, request.deadline()))
                .compose(ready -> preparation.prepare(
                        command,
                        key,
                        request,
                        prepared -> flow.issueNotKnownAsUsed(prepared, key, request.requestId(), request.deadline())))
                .compose(certificate -> reply.send(ctx, certificate))
                .onFailure(ctx::fail);
    }

    private Future<Optional<WantedKey>> wantedKey(SignCommand command, RequestContext request) {
        return large.runIf(
                command.isLarge(), request.deadline(), () -> authority.rules().wantedKey(command));
    }
}
