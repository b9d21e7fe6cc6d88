package io.chancery.node.step;

import io.chancery.core.issuance.PreparedIssuance;
import io.chancery.core.issuance.SignCommand;
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
    private final IssuanceFlow flow;
    private final IssuedReply reply;

    SignHandler(Authority authority, StepApi.Flows flows) {
        this.authority = authority;
        this.flows = flows;
        this.flow = flows.issuance();
        this.reply = new IssuedReply(authority);
    }

    @Override
    public void handle(RoutingContext ctx) {
        SignCommand command = SignBody.read(ctx.body().buffer());
        RequestContext request = RequestContext.of(ctx);
        IssuanceFlow.Preparation rules = (now, serial) -> {
            PreparedIssuance prepared = authority.rules().prepare(command, now, serial);
            request.facts().provisioner(prepared.grant().provisioner());
            return prepared;
        };
        Optional<String> key = IssuedReply.idempotencyKey(ctx);
        flows.ready(authority.rules().wantedKey(command))
                .compose(ready -> prepared(request, rules))
                .compose(prepared -> flow.issue(prepared, key, request.requestId(), request.deadline()))
                .compose(certificate -> reply.send(ctx, certificate))
                .onFailure(ctx::fail);
    }

    // A template may compute for a tenth of a second: not on the loop. Without one it is a fraction of a millisecond.
    private Future<PreparedIssuance> prepared(RequestContext request, IssuanceFlow.Preparation rules) {
        return authority.rules().mayTakeLong()
                ? flows.templates().run(request.deadline(), () -> flow.prepare(rules))
                : Future.succeededFuture(flow.prepare(rules));
    }
}
