package io.chancery.node.step;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.node.http.Answer;
import io.chancery.node.http.RequestContext;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/**
 * The SSH endpoints of a CA that has no SSH keys (wire contract s. 1.3), at {@code /} and at {@code /1.0}: in the form that
 * step's commands read, there are no keys, no hosts, and nothing is signed.
 */
public final class SshApi {
    private static final String ROUTE = "/ssh";

    private SshApi() {}

    public static void mountOn(Router router) {
        for (String prefix : List.of("", "/1.0")) {
            for (String path : List.of("/ssh/roots", "/ssh/federation")) {
                get(router, prefix + path, SshApi::noKeys);
            }
            for (String path : List.of("/ssh/hosts", "/ssh/get-hosts")) {
                get(router, prefix + path, ctx -> answer(ctx, new JsonObject().put("hosts", new JsonArray())));
            }
            for (String path : List.of("/ssh/config", "/ssh/config/:type", "/ssh/bastion")) {
                post(router, prefix + path, SshApi::noKeys);
            }
            post(router, prefix + "/ssh/check-host", ctx -> answer(ctx, new JsonObject().put("exists", false)));
            for (String path : List.of("/ssh/sign", "/sign-ssh", "/ssh/renew", "/ssh/rekey", "/ssh/revoke")) {
                post(router, prefix + path, SshApi::signsNothing);
            }
        }
    }

    private static void get(Router router, String path, Handler<RoutingContext> endpoint) {
        router.route(HttpMethod.GET, path).method(HttpMethod.HEAD).handler(counted(endpoint));
        router.route(path).handler(ctx -> Answer.notAllowed(ctx, "GET, HEAD"));
    }

    private static void post(Router router, String path, Handler<RoutingContext> endpoint) {
        router.post(path).handler(counted(endpoint));
        router.route(path).handler(ctx -> Answer.notAllowed(ctx, "POST"));
    }

    private static Handler<RoutingContext> counted(Handler<RoutingContext> endpoint) {
        return ctx -> {
            RequestContext.of(ctx).facts().route(ROUTE);
            endpoint.handle(ctx);
        };
    }

    private static void answer(RoutingContext ctx, JsonObject body) {
        StepReply.json(ctx, 200, body);
    }

    private static void noKeys(RoutingContext ctx) {
        throw CaException.hidden(ErrorCode.NOT_FOUND, "this CA has no SSH keys");
    }

    private static void signsNothing(RoutingContext ctx) {
        throw CaException.hidden(ErrorCode.NOT_IMPLEMENTED, "SSH certificates are not built yet");
    }
}
