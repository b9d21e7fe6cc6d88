package io.chancery.node.step;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.provisioner.Provisioners;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;

/** {@code GET /provisioners} in pages, and the encrypted key of one. */
final class ProvisionerHandlers {
    private final Provisioners provisioners;

    ProvisionerHandlers(Provisioners provisioners) {
        this.provisioners = provisioners;
    }

    void list(RoutingContext ctx) {
        String query = ctx.request().query();
        Provisioners.Page page = provisioners.page(
                GoQuery.first(query, "cursor").orElse(""),
                limit(GoQuery.first(query, "limit").orElse("")));
        JsonObject body = new JsonObject();
        if (page.provisioners().isEmpty()) {
            body.putNull("provisioners"); // Go prints a list without elements so
        } else {
            body.put("provisioners", new JsonArray(page.provisioners()));
        }
        StepReply.json(ctx, 200, body.put("nextCursor", page.nextCursor()));
    }

    private static int limit(String text) {
        if (text.isEmpty()) {
            return 0;
        }
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw CaException.of(ErrorCode.MALFORMED, "limit '" + text + "' is not an integer");
        }
    }

    void encryptedKey(RoutingContext ctx) {
        String key = provisioners
                .encryptedKey(ctx.pathParam("kid"))
                .orElseThrow(() -> CaException.hidden(ErrorCode.NOT_FOUND, "no encrypted key of that kid"));
        StepReply.json(ctx, 200, new JsonObject().put("key", key));
    }
}
