package io.chancery.node.http;

import io.chancery.node.issuance.Deadline;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.UUID;
import java.util.regex.Pattern;

/** First of all handlers: names the request, echoes the name, and starts its clock. */
final class RequestIds implements Handler<RoutingContext> {
    private static final Pattern ACCEPTABLE = Pattern.compile("[A-Za-z0-9._:/+=-]{1,128}");

    private final Duration deadline;

    RequestIds(Duration deadline) {
        this.deadline = deadline;
    }

    @Override
    public void handle(RoutingContext ctx) {
        String id = given(ctx.request(), "X-Request-Id", given(ctx.request(), "X-Smallstep-Id", ""));
        if (id.isEmpty()) {
            id = UUID.randomUUID().toString();
        }
        new RequestContext(id, Deadline.in(deadline)).attachTo(ctx);
        ctx.response().putHeader("X-Request-Id", id);
        ctx.next();
    }

    /** An id goes into log lines and headers, so one of odd characters or length is passed over. */
    private static String given(HttpServerRequest request, String header, String otherwise) {
        String id = request.getHeader(header);
        return id != null && ACCEPTABLE.matcher(id).matches() ? id : otherwise;
    }
}
