package io.chancery.node.http;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;

/**
 * A body arrives within the request's deadline or is refused with 408. Two handlers, one before the body is read and one
 * after; what comes later keeps the deadline by itself.
 */
final class BodyDeadline {
    private static final String TIMER = BodyDeadline.class.getName();

    private BodyDeadline() {}

    static void begin(RoutingContext ctx) {
        // Bodies are JSON whatever they call themselves (wire contract s. 1.1): as a form or in parts, as curl -d
        // announces
        // one, the body handler would read it in another way.
        MultiMap unusedHeaders = ctx.request().headers().remove(HttpHeaders.CONTENT_TYPE);
        if (!ctx.request().isEnded()) {
            long left = RequestContext.of(ctx).deadline().left().toMillis();
            long timer = ctx.vertx().setTimer(Math.max(1, left), late -> ctx.fail(tooSlow()));
            RoutingContext unused = ctx.put(TIMER, timer);
            ctx.addEndHandler(done -> cancel(ctx));
        }
        ctx.next();
    }

    static void met(RoutingContext ctx) {
        cancel(ctx);
        ctx.next();
    }

    private static void cancel(RoutingContext ctx) {
        Long timer = ctx.remove(TIMER);
        if (timer != null) {
            boolean unused = ctx.vertx().cancelTimer(timer);
        }
    }

    private static CaException tooSlow() {
        return CaException.hidden(ErrorCode.TOO_SLOW, "the body did not arrive before the request's deadline");
    }
}
