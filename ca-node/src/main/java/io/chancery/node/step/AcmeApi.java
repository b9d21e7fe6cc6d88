package io.chancery.node.step;

import io.chancery.core.error.ErrorCode;
import io.chancery.node.http.Answer;
import io.chancery.node.http.RequestContext;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/** What ACME clients are told for as long as the protocol is not built: a problem document, the only form they read. */
public final class AcmeApi {
    private static final String ROUTE = "/acme";
    private static final int STATUS = 501;

    private AcmeApi() {}

    public static void mountOn(Router router) {
        for (String prefix : List.of("", "/2.0")) {
            router.route(prefix + "/acme/:provisioner/*").handler(AcmeApi::notBuilt);
        }
    }

    private static void notBuilt(RoutingContext ctx) {
        RequestContext.of(ctx).facts().route(ROUTE);
        RequestContext.of(ctx).facts().error(ErrorCode.NOT_IMPLEMENTED);
        JsonObject problem = new JsonObject()
                .put("type", "urn:ietf:params:acme:error:serverInternal") // RFC 8555 has none that is nearer
                .put("detail", "This certificate authority does not speak ACME yet; use another provisioner")
                .put("status", STATUS);
        Answer.send(ctx, STATUS, "application/problem+json", problem.encode() + "\n");
    }
}
