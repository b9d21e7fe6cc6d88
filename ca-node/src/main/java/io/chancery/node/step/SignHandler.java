package io.chancery.node.step;

import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuance.Issuance;
import io.chancery.core.issuance.PreparedIssuance;
import io.chancery.core.issuance.SignCommand;
import io.chancery.node.http.RequestContext;
import io.chancery.node.http.RequestFacts;
import io.chancery.node.issuance.IssuanceFlow;
import io.vertx.core.Handler;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/** {@code POST /sign}: a certificate for a one-time token. */
final class SignHandler implements Handler<RoutingContext> {
    private static final int LONGEST_KEY = 256;

    private final Authority authority;
    private final IssuanceFlow flow;
    private final JsonArray intermediates;
    private final JsonObject tlsOptions;

    SignHandler(Authority authority, IssuanceFlow flow) {
        this.authority = authority;
        this.flow = flow;
        this.intermediates = new JsonArray(
                authority.intermediates().stream().map(CertificateText::pem).toList());
        this.tlsOptions = new JsonObject()
                .put("cipherSuites", new JsonArray(authority.tls().cipherSuites()))
                .put("minVersion", authority.tls().minVersion())
                .put("maxVersion", authority.tls().maxVersion())
                .put("renegotiation", false);
    }

    @Override
    public void handle(RoutingContext ctx) {
        SignCommand command = SignBody.read(ctx.body().buffer());
        RequestContext request = RequestContext.of(ctx);
        flow.issue(noting(request.facts()), command, idempotencyKey(ctx), request.requestId(), request.deadline())
                .onSuccess(certificate -> {
                    request.facts().serial(CertificateText.serial(certificate));
                    StepReply.json(ctx, 201, answer(certificate));
                })
                .onFailure(ctx::fail);
    }

    /** The rules, which also tell the request's facts whose token it was. */
    private Issuance noting(RequestFacts facts) {
        return (command, now, serial) -> {
            PreparedIssuance prepared = authority.rules().prepare(command, now, serial);
            facts.provisioner(prepared.token().provisioner());
            return prepared;
        };
    }

    /** CaException MALFORMED for one that is too long: passed over, a repeat that relies on it would be a replay. */
    private static Optional<String> idempotencyKey(RoutingContext ctx) {
        String key = ctx.request().getHeader("Idempotency-Key");
        if (key == null || key.isEmpty()) {
            return Optional.empty();
        }
        if (key.length() > LONGEST_KEY) {
            throw CaException.of(ErrorCode.MALFORMED, "Idempotency-Key is longer than " + LONGEST_KEY + " characters");
        }
        return Optional.of(key);
    }

    private JsonObject answer(Der certificate) {
        String leaf = CertificateText.pem(certificate);
        return new JsonObject()
                .put("crt", leaf)
                .put("ca", intermediates.isEmpty() ? null : intermediates.getString(0))
                .put("certChain", new JsonArray().add(leaf).addAll(intermediates))
                .put("tlsOptions", tlsOptions);
    }
}
