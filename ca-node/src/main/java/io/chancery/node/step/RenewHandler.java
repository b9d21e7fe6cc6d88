package io.chancery.node.step;

import io.chancery.core.chain.ClientCertificate;
import io.chancery.core.csr.CertificateRequest;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuance.PreparedIssuance;
import io.chancery.core.renewal.RenewToken;
import io.chancery.core.renewal.StepRenewal;
import io.chancery.node.http.RequestContext;
import io.chancery.node.issuance.IssuanceFlow;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;

/**
 * {@code POST /renew} and {@code POST /rekey}: a certificate for another one, which its holder shows over TLS or, to renew
 * it, in a token (wire contract s. 3.4).
 */
final class RenewHandler {
    private static final String BEARER = "Bearer ";

    private final Authority authority;
    private final IssuanceFlow flow;
    private final ShownChains chains;
    private final IssuedReply reply;

    RenewHandler(Authority authority, IssuanceFlow flow, ShownChains chains) {
        this.authority = authority;
        this.flow = flow;
        this.chains = chains;
        this.reply = new IssuedReply(authority);
    }

    void renew(RoutingContext ctx) {
        Optional<String> key = IssuedReply.idempotencyKey(ctx);
        String authorization = ctx.request().getHeader("Authorization");
        boolean byToken = authorization != null && authorization.startsWith(BEARER);
        List<Der> sent = ShownCertificate.of(ctx);
        // A certificate on the connection wins over a token.
        Future<Der> issued;
        if (byToken && sent.isEmpty()) {
            issued = chains.token(ctx, authority.renewal(), authorization.substring(BEARER.length()))
                    .compose(token -> issued(ctx, token.certificate(), Optional.of(token), Optional.empty(), key));
        } else {
            issued = shown(ctx, sent).compose(old -> issued(ctx, old, Optional.empty(), Optional.empty(), key));
        }
        answer(ctx, issued);
    }

    void rekey(RoutingContext ctx) {
        Optional<String> key = IssuedReply.idempotencyKey(ctx);
        answer(ctx, shown(ctx, ShownCertificate.of(ctx)).compose(old -> {
            Der csr = JsonBody.read(ctx.body().buffer()).pem("csr");
            return request(ctx, csr).compose(request -> issued(ctx, old, Optional.empty(), Optional.of(request), key));
        }));
    }

    private Future<CertificateRequest> request(RoutingContext ctx, Der csr) {
        return CertificateRequest.mayTakeLong(csr)
                ? chains.working(
                        RequestContext.of(ctx).deadline(), () -> CertificateRequest.read(csr, authority.keys()))
                : Future.succeededFuture(CertificateRequest.read(csr, authority.keys()));
    }

    private Future<ClientCertificate> shown(RoutingContext ctx, List<Der> sent) {
        if (sent.isEmpty()) {
            throw CaException.of(ErrorCode.MALFORMED, "missing client certificate");
        }
        return chains.shown(ctx, sent, authority.renewal());
    }

    private void answer(RoutingContext ctx, Future<Der> issued) {
        issued.compose(certificate -> reply.send(ctx, certificate)).onFailure(ctx::fail);
    }

    private Future<Der> issued(
            RoutingContext ctx,
            ClientCertificate old,
            Optional<RenewToken> token,
            Optional<CertificateRequest> request,
            Optional<String> idempotencyKey) {
        RequestContext context = RequestContext.of(ctx);
        return recorded(old, context)
                .compose(name -> flow.issue(
                        noting(context, new StepRenewal.Command(old, token, name, request)),
                        idempotencyKey,
                        context.requestId(),
                        context.deadline()));
    }

    /** The store is asked only for a certificate that does not say it itself. */
    private Future<Optional<String>> recorded(ClientCertificate old, RequestContext context) {
        return old.leaf().provisioner().isPresent()
                ? Future.succeededFuture(Optional.empty())
                : flow.recordedProvisioner(old.serial(), context.deadline());
    }

    private IssuanceFlow.Preparation noting(RequestContext context, StepRenewal.Command command) {
        return (now, serial) -> {
            PreparedIssuance prepared = authority.renewal().prepare(command, now, serial);
            context.facts().provisioner(prepared.grant().provisioner());
            return prepared;
        };
    }
}
