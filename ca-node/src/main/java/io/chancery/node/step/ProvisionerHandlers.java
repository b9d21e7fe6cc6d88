package io.chancery.node.step;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.provisioner.Provisioners;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.regex.Pattern;

/** {@code GET /provisioners} in pages, and the encrypted key of one. */
final class ProvisionerHandlers {
    private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]+");

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

    /** As Go reads an int, of 64 bits; cut to ours, which is more than any page has. */
    static int limit(String text) {
        if (text.isEmpty()) {
            return 0;
        }
        try {
            if (INTEGER.matcher(text).matches()) {
                return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, Long.parseLong(text)));
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw CaException.of(ErrorCode.MALFORMED, "limit '" + text + "' is not an integer");
    }

    void encryptedKey(RoutingContext ctx) {
        String key = provisioners
                .encryptedKey(ctx.pathParam("kid"))
                .orElseThrow(() -> CaException.hidden(ErrorCode.NOT_FOUND, "no encrypted key of that kid"));
        StepReply.json(ctx, 200, new JsonObject().put("key", key));
    }
}
