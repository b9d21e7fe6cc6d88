package io.chancery.node.step;

import io.chancery.core.certificate.PresentedCertificate;
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
    private final IssuedReply reply;

    RenewHandler(Authority authority, IssuanceFlow flow) {
        this.authority = authority;
        this.flow = flow;
        this.reply = new IssuedReply(authority);
    }

    void renew(RoutingContext ctx) {
        String authorization = ctx.request().getHeader("Authorization");
        boolean byToken = authorization != null && authorization.startsWith(BEARER);
        // A certificate on the connection wins over a token.
        if (byToken && ShownCertificate.of(ctx).isEmpty()) {
            String text = authorization.substring(BEARER.length());
            // A chain of other intermediates takes some milliseconds to verify.
            ctx.vertx()
                    .executeBlocking(() -> authority.renewal().token(text), false)
                    .onSuccess(token -> proceed(ctx, token.certificate(), Optional.of(token), Optional.empty()))
                    .onFailure(ctx::fail);
            return;
        }
        proceed(ctx, shown(ctx), Optional.empty(), Optional.empty());
    }

    void rekey(RoutingContext ctx) {
        PresentedCertificate old = shown(ctx);
        Der csr = JsonBody.read(ctx.body().buffer()).pem("csr");
        proceed(ctx, old, Optional.empty(), Optional.of(CertificateRequest.read(csr, authority.keys())));
    }

    private PresentedCertificate shown(RoutingContext ctx) {
        List<Der> sent = ShownCertificate.of(ctx);
        if (sent.isEmpty()) {
            throw CaException.of(ErrorCode.MALFORMED, "missing client certificate");
        }
        return authority.renewal().shown(sent);
    }

    private void proceed(
            RoutingContext ctx,
            PresentedCertificate old,
            Optional<RenewToken> token,
            Optional<CertificateRequest> request) {
        RequestContext context = RequestContext.of(ctx);
        Optional<String> idempotencyKey = IssuedReply.idempotencyKey(ctx);
        recorded(old, context)
                .compose(name -> flow.issue(
                        noting(context, new StepRenewal.Command(old, token, name, request)),
                        idempotencyKey,
                        context.requestId(),
                        context.deadline()))
                .onSuccess(certificate -> reply.send(ctx, certificate))
                .onFailure(ctx::fail);
    }

    /** The store is asked only for a certificate that does not say it itself. */
    private Future<Optional<String>> recorded(PresentedCertificate old, RequestContext context) {
        return old.provisioner().isPresent()
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
