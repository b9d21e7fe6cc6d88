package io.chancery.node.step;

import io.chancery.core.chain.ClientCertificate;
import io.chancery.core.der.Der;
import io.chancery.core.oidc.WantedKey;
import io.chancery.core.revocation.PreparedRevocation;
import io.chancery.core.revocation.RevokeCommand;
import io.chancery.node.http.RequestContext;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** {@code POST /revoke}: by a provisioner's token, or by a certificate for itself. */
final class RevokeHandler implements Handler<RoutingContext> {
    private final Authority authority;
    private final StepApi.Flows flows;
    private final ShownChains chains;
    private final RequestWorkers large;

    /** @param large for requests that are */
    RevokeHandler(Authority authority, StepApi.Flows flows, ShownChains chains, RequestWorkers large) {
        this.large = large;
        this.authority = authority;
        this.flows = flows;
        this.chains = chains;
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
        Optional<String> key = IssuedReply.idempotencyKey(ctx);
        // What is wrong with the request itself is said before what is wrong with the certificate.
        wantedKey(command, request)
                .compose(wanted -> flows.wantedKeys().ready(wanted, request.deadline()))
                .compose(ready -> shown(ctx, command).transform(shown -> prepared(command, shown, request)))
                .compose(prepared -> flows.revocation().revoke(prepared, key, request.requestId(), request.deadline()))
                .onSuccess(done -> {
                    request.facts().serial(done.serial().decimal());
                    done.token().ifPresent(token -> request.facts().provisioner(token.provisioner()));
                    StepReply.json(ctx, 200, new JsonObject().put("status", "ok"));
                })
                .onFailure(ctx::fail);
    }

    private Future<Optional<WantedKey>> wantedKey(RevokeCommand command, RequestContext request) {
        return large.runIf(
                command.isLarge(),
                request.deadline(),
                () -> authority.revocation().wantedKey(command));
    }

    private Future<PreparedRevocation> prepared(
            RevokeCommand command, AsyncResult<Optional<ClientCertificate>> shown, RequestContext request) {
        Supplier<PreparedRevocation> rules = () ->
                flows.revocation().prepare(now -> authority.revocation().prepare(command, () -> orThrow(shown), now));
        if (command.isLarge()) { // asked before anything is parsed
            return large.run(request.deadline(), rules::get);
        }
        return flows.templates().runIf(authority.revocation().mayTakeLong(command), request.deadline(), rules);
    }

    /** Looked at only where there is no token. */
    private Future<Optional<ClientCertificate>> shown(RoutingContext ctx, RevokeCommand command) {
        List<Der> sent = command.ott().isEmpty() ? ShownCertificate.of(ctx) : List.of();
        return sent.isEmpty()
                ? Future.succeededFuture(Optional.empty())
                : chains.shown(ctx, sent, authority.renewal()).map(Optional::of);
    }

    private static <T> T orThrow(AsyncResult<T> result) {
        if (result.failed()) {
            throw result.cause() instanceof RuntimeException known ? known : new IllegalStateException(result.cause());
        }
        return result.result();
    }
}
