package io.chancery.node.step;

import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Successful answers of the step API: compact JSON with a newline, or PEM. */
final class StepReply {
    private static final Logger LOG = LoggerFactory.getLogger(StepReply.class);

    private StepReply() {}

    static void json(RoutingContext ctx, int status, JsonObject body) {
        send(ctx, status, "application/json", body.encode() + "\n");
    }

    static void pem(RoutingContext ctx, String body) {
        send(ctx, 200, "application/x-pem-file", body);
    }

    private static void send(RoutingContext ctx, int status, String type, String body) {
        ctx.response()
                .setStatusCode(status)
                .putHeader("Content-Type", type)
                .end(body)
                .onFailure(cause -> LOG.atDebug().log("the client went before its answer"));
    }
}
