package io.chancery.node.step;

import io.chancery.core.issuance.SignCommand;
import io.chancery.node.http.RequestContext;
import io.chancery.node.issuance.IssuanceFlow;
import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/** {@code POST /sign}: a certificate for a one-time token. */
final class SignHandler implements Handler<RoutingContext> {
    private final Authority authority;
    private final StepApi.Flows flows;
    private final SignPreparation preparation;
    private final IssuanceFlow flow;
    private final IssuedReply reply;

    SignHandler(Authority authority, StepApi.Flows flows) {
        this.authority = authority;
        this.flows = flows;
        this.preparation =
                new SignPreparation(authority.rules(), flows.issuance(), flows.templates(), flows.webhooks());
        this.flow = flows.issuance();
        this.reply = new IssuedReply(authority);
    }

    @Override
    public void handle(RoutingContext ctx) {
        SignCommand command = SignBody.read(ctx.body().buffer());
        RequestContext request = RequestContext.of(ctx);
        Optional<String> key = IssuedReply.idempotencyKey(ctx);
        flows.wantedKeys()
                .ready(authority.rules().wantedKey(command), request.deadline())
                .compose(ready -> preparation.prepare(command, key, request))
                .compose(prepared -> flow.issue(prepared, key, request.requestId(), request.deadline()))
                .compose(certificate -> reply.send(ctx, certificate))
                .onFailure(ctx::fail);
    }
}
