package io.chancery.node.step;

import io.chancery.node.http.Answer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;

/** Successful answers of the step API: compact JSON with a newline, or PEM. */
final class StepReply {
    private StepReply() {}

    static void json(RoutingContext ctx, int status, JsonObject body) {
        Answer.send(ctx, status, "application/json", body.encode() + "\n");
    }

    static void pem(RoutingContext ctx, String body) {
        Answer.send(ctx, 200, "application/x-pem-file", body);
    }
}
