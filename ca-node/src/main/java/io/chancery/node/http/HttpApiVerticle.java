package io.chancery.node.http;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The HTTPS API on one event loop; as many of them share the port as there are loops. Holds no state of any request. */
public final class HttpApiVerticle extends VerticleBase {
    private final HttpServerOptions options;
    private final HttpApi api;
    private final Predicate<SocketAddress> admits;
    private final Consumer<HttpServer> started;

    /**
     * @param admits whether a peer may connect: the machine at the other end, not the client whom a proxy names
     * @param started told of the server once it listens
     */
    HttpApiVerticle(
            HttpServerOptions options, HttpApi api, Predicate<SocketAddress> admits, Consumer<HttpServer> started) {
        this.options = options;
        this.api = api;
        this.admits = admits;
        this.started = started;
    }

    @Override
    public Future<?> start() {
        ConnectionWatch connections = new ConnectionWatch(vertx, api);
        connections.start();
        Context loop = vertx.getOrCreateContext();
        api.onDrain(() -> loop.runOnContext(now -> connections.drain()));
        Handler<HttpServerRequest> router = api.router(vertx, connections);
        UnreadableRequests unreadable = new UnreadableRequests(api::rules, api.date(), connections);
        HttpServer server = vertx.createHttpServer(options)
                .connectionHandler(connection -> {
                    if (admits.test(connection.remoteAddress(true))) {
                        connections.opened(connection);
                    } else {
                        ConnectionWatch.close(connection);
                    }
                })
                .invalidRequestHandler(served(connections, unreadable))
                .requestHandler(served(connections, request -> {
                    if (UnreadableRequests.isReadable(request)) {
                        router.handle(request);
                    } else {
                        unreadable.handle(request);
                    }
                }));
        // A free port must be the same one for every event loop's server.
        return (options.getPort() == 0
                        ? server.listen(SocketAddress.sharedRandomPort(1, options.getHost()))
                        : server.listen())
                .onSuccess(started::accept);
    }

    /**
     * A request may have been read before its connection, which was not admitted, is closed; or be the body of one that was
     * refused before it.
     */
    private static Handler<HttpServerRequest> served(ConnectionWatch connections, Handler<HttpServerRequest> handler) {
        return request -> {
            if (connections.serves(request.connection())) {
                handler.handle(request);
            } else {
                ConnectionWatch.close(request.connection());
            }
        };
    }
}
