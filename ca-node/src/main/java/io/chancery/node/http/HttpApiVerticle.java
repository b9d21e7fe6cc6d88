package io.chancery.node.http;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;
import java.util.function.Consumer;

/** The HTTPS API on one event loop; as many of them share the port as there are loops. Holds no state of any request. */
public final class HttpApiVerticle extends VerticleBase {
    private final HttpServerOptions options;
    private final HttpApi api;
    private final Consumer<HttpServer> started;

    /** @param started told of the server once it listens */
    public HttpApiVerticle(HttpServerOptions options, HttpApi api, Consumer<HttpServer> started) {
        this.options = options;
        this.api = api;
        this.started = started;
    }

    @Override
    public Future<?> start() {
        ConnectionWatch connections = new ConnectionWatch(api);
        connections.start(vertx);
        HttpServer server = vertx.createHttpServer(options)
                .connectionHandler(connections::opened)
                .invalidRequestHandler(new UnreadableRequests(api::rules))
                .requestHandler(api.router(vertx, connections));
        // A free port must be the same one for every event loop's server.
        return (options.getPort() == 0
                        ? server.listen(SocketAddress.sharedRandomPort(1, options.getHost()))
                        : server.listen())
                .onSuccess(started::accept);
    }
}
