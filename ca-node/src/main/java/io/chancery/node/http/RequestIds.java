package io.chancery.node.http;

import io.chancery.node.issuance.Deadline;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** First of all handlers: names the request, echoes the name, and starts its clock. */
final class RequestIds implements Handler<RoutingContext> {
    static final String HEADER = "X-Request-Id";

    private static final Pattern ACCEPTABLE = Pattern.compile("[A-Za-z0-9._:/+=-]{1,128}");

    private final Supplier<RequestRules> rules;

    RequestIds(Supplier<RequestRules> rules) {
        this.rules = rules;
    }

    @Override
    public void handle(RoutingContext ctx) {
        RequestRules inForce = rules.get();
        String id = of(ctx.request(), inForce);
        new RequestContext(id, Deadline.in(inForce.deadline()), new RequestFacts()).attachTo(ctx);
        ctx.response().putHeader(HEADER, id);
        ctx.next();
    }

    /** The request's own, else that of step's header or of the configured one, else a new one. */
    static String of(HttpServerRequest request, RequestRules rules) {
        String id = given(request, HEADER);
        if (id.isEmpty()) {
            id = given(request, rules.traceHeader().orElse("X-Smallstep-Id"));
        }
        return id.isEmpty() ? UUID.randomUUID().toString() : id;
    }

    /** An id goes into log lines and headers, so one of odd characters or length is passed over. */
    private static String given(HttpServerRequest request, String header) {
        String id = request.getHeader(header);
        return id != null && ACCEPTABLE.matcher(id).matches() ? id : "";
    }
}
