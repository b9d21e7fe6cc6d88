package io.chancery.node.step;

import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.issuer.Issuers;
import io.chancery.node.http.RequestContext;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;

/** What every endpoint that issues answers (wire contract s. 1.4), and the header by which a client may ask again. */
final class IssuedReply {
    private static final int LONGEST_KEY = 256;

    private final Authority authority;
    private final JsonObject tlsOptions;

    IssuedReply(Authority authority) {
        this.authority = authority;
        this.tlsOptions = new JsonObject()
                .put("cipherSuites", new JsonArray(authority.tls().cipherSuites()))
                .put("minVersion", authority.tls().minVersion())
                .put("maxVersion", authority.tls().maxVersion())
                .put("renegotiation", false);
    }

    /** Fails as {@link #chain} does. */
    Future<Void> send(RoutingContext ctx, Der certificate) {
        RequestContext.of(ctx).facts().serial(CertificateText.serial(certificate));
        JsonObject answer = answer(certificate);
        StepReply.json(ctx, 201, answer);
        return Future.succeededFuture();
    }

    private JsonObject answer(Der certificate) {
        List<String> intermediates = chain(authority.issuers(), certificate);
        String leaf = CertificateText.pem(certificate);
        return new JsonObject()
                .put("crt", leaf)
                .put("ca", intermediates.isEmpty() ? null : intermediates.get(0))
                .put("certChain", new JsonArray().add(leaf).addAll(new JsonArray(intermediates)))
                .put("tlsOptions", tlsOptions);
    }

    /**
     * PEM, of its own issuer: a repeat, or a row that another node recorded, may have a former one or a later one.
     *
     * @throws CaException SIGNER_UNAVAILABLE when that is not known here (yet)
     */
    static List<String> chain(Issuers issuers, Der certificate) {
        Issuer issuer = issuers.of(certificate)
                .orElseThrow(() ->
                        CaException.hidden(ErrorCode.SIGNER_UNAVAILABLE, "the certificate's issuer is not known here"));
        return issuer.chain().stream().map(CertificateText::pem).toList();
    }

    /** CaException MALFORMED for one that is too long: passed over, a repeat that relies on it would be a replay. */
    static Optional<String> idempotencyKey(RoutingContext ctx) {
        String key = ctx.request().getHeader("Idempotency-Key");
        if (key == null || key.isEmpty()) {
            return Optional.empty();
        }
        if (key.length() > LONGEST_KEY) {
            throw CaException.of(ErrorCode.MALFORMED, "Idempotency-Key is longer than " + LONGEST_KEY + " characters");
        }
        return Optional.of(key);
    }
}
