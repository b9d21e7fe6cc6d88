package io.chancery.node.step;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.issuer.Issuers;
import io.chancery.node.http.Answer;
import io.chancery.node.http.RequestContext;
import io.chancery.node.revocation.CrlJobs;
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
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * {@code GET /crl} (wire contract s. 1.4), at {@code /} and at {@code /1.0}: the whole of what is served over plain HTTP,
 * as a list is signed and whoever checks a certificate by it cannot trust TLS yet.
 */
public final class CrlApi {
    /** As Go prints a UTC time in the form of RFC 1123: its zone is not called GMT. */
    private static final DateTimeFormatter EXPIRES = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM uuuu HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final CrlJobs lists;
    private final Supplier<Issuers> issuers;

    /** @param issuers those in force at this moment */
    public CrlApi(CrlJobs lists, Supplier<Issuers> issuers) {
        this.lists = lists;
        this.issuers = issuers;
    }

    public void mountOn(Router router) {
        for (String prefix : List.of("", "/1.0")) {
            mountOn(router, prefix + "/crl", ctx -> Optional.of(issuers.get().listedAt("/crl")));
            mountOn(router, prefix + "/crl/:issuer", ctx -> issuers.get().named(ctx.pathParam("issuer")));
        }
    }

    private void mountOn(Router router, String path, Function<RoutingContext, Optional<Issuer>> whose) {
        router.route(HttpMethod.GET, path).method(HttpMethod.HEAD).handler(ctx -> crl(ctx, whose.apply(ctx)));
        router.route(path).handler(ctx -> Answer.notAllowed(ctx, "GET, HEAD"));
    }

    private void crl(RoutingContext ctx, Optional<Issuer> issuer) {
        RequestContext.of(ctx).facts().route("/crl");
        if (!lists.enabled() || issuer.isEmpty()) {
            throw CaException.of(
                    ErrorCode.NOT_FOUND,
                    "The certificate authority received an unexpected HTTP status code - '404'."
                            + " Please see the certificate authority logs for more info."); // step-ca's text for it
        }
        CrlShelf.Listed list = lists.current(issuer.get())
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
