package io.chancery.node.http;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The bodies that are on their way to one event loop. Each arrives within its request's deadline or is refused with 408. Of so
 * many at once and one more, the one that has been coming for longest is given up with 503: a body takes as long as its way,
 * and who opens requests and sends nothing keeps nobody else from sending one.
 */
final class ComingBodies {
    /** At once, on one event loop; each may hold {@link HttpApi#BODY_LIMIT}. */
    static final int MOST = 256;
    /** Largest body that is read, in octets, of requests that need none. */
    static final long SMALL = 1_024;

    private final Map<RoutingContext, Long> timers = new LinkedHashMap<>();
    private final BodyHandler small = BodyHandler.create(false).setBodyLimit(SMALL);
    private final BodyHandler large = BodyHandler.create(false).setBodyLimit(HttpApi.BODY_LIMIT);

    /** Comes before the body is read. */
    void begin(RoutingContext ctx) {
        // Bodies are JSON whatever they call themselves (wire contract s. 1.1): as a form or in parts, as curl -d
        // announces
        // one, the body handler would read it in another way.
        MultiMap unusedHeaders = ctx.request().headers().remove(HttpHeaders.CONTENT_TYPE);
        if (!ctx.request().isEnded()) {
            long left = RequestContext.of(ctx).deadline().left().toMillis();
            timers.put(ctx, ctx.vertx().setTimer(Math.max(1, left), late -> ctx.fail(tooSlow())));
            ctx.addEndHandler(done -> cancel(ctx));
            if (timers.size() > MOST) {
                RoutingContext oldest = timers.keySet().iterator().next();
                cancel(oldest);
                oldest.fail(tooMany());
            }
        }
        ctx.next();
    }

    void read(RoutingContext ctx) {
        (needsNone(ctx.request().method()) ? small : large).handle(ctx);
    }

    /** Comes when the body has been read; what comes later keeps the deadline by itself. */
    void met(RoutingContext ctx) {
        cancel(ctx);
        ctx.next();
    }

    static boolean needsNone(HttpMethod method) {
        return method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
    }

    private void cancel(RoutingContext ctx) {
        Long timer = timers.remove(ctx);
        if (timer != null) {
            boolean unused = ctx.vertx().cancelTimer(timer);
        }
    }

    private static CaException tooSlow() {
        return CaException.hidden(ErrorCode.TOO_SLOW, "the body did not arrive before the request's deadline");
    }

    private static CaException tooMany() {
        return CaException.hidden(
                ErrorCode.OVERLOADED, "more than " + MOST + " bodies were on their way, this one for longest");
    }
}
