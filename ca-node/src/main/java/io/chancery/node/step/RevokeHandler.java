package io.chancery.node.step;

import io.chancery.core.certificate.PresentedCertificate;
import io.chancery.core.revocation.RevokeCommand;
import io.chancery.node.http.RequestContext;
import io.chancery.node.revocation.RevocationFlow;
import io.vertx.core.Handler;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/** {@code POST /revoke}: by a provisioner's token, or by a certificate for itself. */
final class RevokeHandler implements Handler<RoutingContext> {
    private final Authority authority;
    private final RevocationFlow flow;

    RevokeHandler(Authority authority, RevocationFlow flow) {
        this.authority = authority;
        this.flow = flow;
    }

    @Override
    public void handle(RoutingContext ctx) {
        JsonBody json = JsonBody.read(ctx.body().buffer());
        RevokeCommand command = new RevokeCommand(
                json.text("serial"),
                json.text("ott"),
                json.integer("reasonCode"),
                json.text("reason"),
                json.flag("passive"));
        RequestContext request = RequestContext.of(ctx);
        flow.revoke(
                        now -> authority.revocation().prepare(command, () -> shown(ctx), now),
                        IssuedReply.idempotencyKey(ctx),
                        request.requestId(),
                        request.deadline())
                .onSuccess(done -> {
                    request.facts().serial(done.serial().decimal());
                    done.token().ifPresent(token -> request.facts().provisioner(token.provisioner()));
                    StepReply.json(ctx, 200, new JsonObject().put("status", "ok"));
                })
                .onFailure(ctx::fail);
    }

    private Optional<PresentedCertificate> shown(RoutingContext ctx) {
        var sent = ShownCertificate.of(ctx);
        return sent.isEmpty()
                ? Optional.empty()
                : Optional.of(authority.renewal().shown(sent));
    }
}
