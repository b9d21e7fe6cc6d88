package io.chancery.node.step;

import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.node.http.RequestContext;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x509.Certificate;

/** What every endpoint that issues answers (wire contract s. 1.4), and the header by which a client may ask again. */
final class IssuedReply {
    private static final int LONGEST_KEY = 256;

    private final IssuedChains chains;
    private final JsonObject tlsOptions;

    IssuedReply(Authority authority) {
        this.chains = new IssuedChains(authority.issuers());
        this.tlsOptions = new JsonObject()
                .put("cipherSuites", new JsonArray(authority.tls().cipherSuites()))
                .put("minVersion", authority.tls().minVersion())
                .put("maxVersion", authority.tls().maxVersion())
                .put("renegotiation", false);
    }

    /** CaException SIGNER_UNAVAILABLE as {@link IssuedChains#of} throws it. */
    Future<Void> send(RoutingContext ctx, Der certificate) {
        Certificate read = Certificate.getInstance(certificate.bytes());
        RequestContext.of(ctx).facts().serial(CertificateText.serial(read));
        JsonObject answer = answer(certificate, chains.of(read));
        StepReply.json(ctx, 201, answer);
        return Future.succeededFuture();
    }

    private JsonObject answer(Der certificate, List<String> intermediates) {
        String leaf = CertificateText.pem(certificate);
        return new JsonObject()
                .put("crt", leaf)
                .put("ca", intermediates.isEmpty() ? null : intermediates.get(0))
                .put("certChain", new JsonArray().add(leaf).addAll(new JsonArray(intermediates)))
                .put("tlsOptions", tlsOptions);
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
