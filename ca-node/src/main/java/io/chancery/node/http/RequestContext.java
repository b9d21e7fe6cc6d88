package io.chancery.node.http;

import io.chancery.node.issuance.Deadline;
import io.vertx.ext.web.RoutingContext;

/** What belongs to one request: its id, until when it must be answered, and what became known of it on its way. */
public record RequestContext(String requestId, Deadline deadline, RequestFacts facts) {
    private static final String KEY = RequestContext.class.getName();

    public static RequestContext of(RoutingContext ctx) {
        RequestContext context = ctx.get(KEY);
        if (context == null) {
            throw new IllegalStateException("a route without the request id handler before it");
        }
        return context;
    }

    void attachTo(RoutingContext ctx) {
        RoutingContext unused = ctx.put(KEY, this);
    }
}
