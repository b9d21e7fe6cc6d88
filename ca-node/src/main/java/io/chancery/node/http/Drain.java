package io.chancery.node.http;

import io.chancery.core.error.ErrorCode;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;

/**
 * What a server that is about to stop says to its clients: requests are still answered, but each kept connection ends
 * with its next answer, so that the client's next connection can go elsewhere. A server that lacks store or signer says
 * the same with each answer about that. One for each event loop.
 */
final class Drain implements Handler<RoutingContext> {
    private final HttpApi api;
    private final ConnectionWatch connections;

    Drain(HttpApi api, ConnectionWatch connections) {
        this.api = api;
        this.connections = connections;
    }

    @Override
    public void handle(RoutingContext ctx) {
        // Decided when the answer begins, so that requests which were under way are told, too.
        int unused = ctx.addHeadersEndHandler(head -> {
            if (api.draining() || othersMightDoIt(ctx)) {
                tell(ctx);
            }
        });
        ctx.next();
    }

    private void tell(RoutingContext ctx) {
        HttpConnection connection = ctx.request().connection();
        if (connection.protocolVersion() != HttpVersion.HTTP_2) {
            ctx.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        // Not before the answer is flushed, which the event loop does when it has read what has come.
        int unused = ctx.addEndHandler(done -> ctx.vertx().runOnContext(flushed -> connections.leave(connection)));
    }

    /** Behind a balancer, the client's next connection leads to a node that has a store and a signer. */
    private static boolean othersMightDoIt(RoutingContext ctx) {
        return RequestContext.of(ctx)
                .facts()
                .error()
                .filter(code -> code == ErrorCode.STORE_UNAVAILABLE || code == ErrorCode.SIGNER_UNAVAILABLE)
                .isPresent();
    }
}
