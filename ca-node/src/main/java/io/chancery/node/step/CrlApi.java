package io.chancery.node.step;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.node.http.Answer;
import io.chancery.node.http.RequestContext;
import io.chancery.node.revocation.CrlJob;
import io.chancery.node.revocation.CrlShelf;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * {@code GET /crl} (wire contract s. 1.4), at {@code /} and at {@code /1.0}: the whole of what is served over plain HTTP,
 * as a list is signed and whoever checks a certificate by it cannot trust TLS yet.
 */
public final class CrlApi {
    /** As Go prints a UTC time in the form of RFC 1123: its zone is not called GMT. */
    private static final DateTimeFormatter EXPIRES = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM uuuu HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final CrlJob lists;

    public CrlApi(CrlJob lists) {
        this.lists = lists;
    }

    public void mountOn(Router router) {
        for (String prefix : List.of("", "/1.0")) {
            router.route(HttpMethod.GET, prefix + "/crl")
                    .method(HttpMethod.HEAD)
                    .handler(this::crl);
            router.route(prefix + "/crl").handler(ctx -> Answer.notAllowed(ctx, "GET, HEAD"));
        }
    }

    private void crl(RoutingContext ctx) {
        RequestContext.of(ctx).facts().route("/crl");
        if (!lists.enabled()) {
            throw CaException.of(
                    ErrorCode.NOT_FOUND,
                    "The certificate authority received an unexpected HTTP status code - '404'."
                            + " Please see the certificate authority logs for more info."); // step-ca's text for it
        }
        CrlShelf.Listed list = lists.shelf()
                .current()
                .orElseThrow(() -> CaException.hidden(ErrorCode.SIGNER_UNAVAILABLE, "no list has been made yet"));
        Optional<String> asText = GoQuery.first(ctx.request().query(), "pem");
        ctx.response().putHeader("Expires", expires(list.nextUpdate()));
        if (asText.isPresent()) {
            ctx.response().putHeader("Content-Disposition", "attachment; filename=\"crl.pem\"");
            Answer.send(ctx, 200, "application/x-pem-file", list.pem());
        } else {
            ctx.response().putHeader("Content-Disposition", "attachment; filename=\"crl.crl\"");
            Answer.send(ctx, 200, "application/pkix-crl", list.der());
        }
    }

    private static String expires(Instant time) {
        return EXPIRES.format(time);
    }
}
