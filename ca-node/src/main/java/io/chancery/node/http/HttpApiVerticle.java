package io.chancery.node.http;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTPS API on one event loop; as many of them share the port as there are loops. Holds no state of any request. */
public final class HttpApiVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(HttpApiVerticle.class);

    /** Largest body that is read, in octets. */
    public static final long BODY_LIMIT = 64 * 1024;

    private final HttpServerOptions options;
    private final Duration requestDeadline;
    private final AdmissionGate gate;
    private final Consumer<Router> features;
    private final Consumer<HttpServer> started;

    /**
     * @param features mounts the endpoints, between the handlers that come first and the 404 that comes last
     * @param started told of the server once it listens
     */
    public HttpApiVerticle(
            HttpServerOptions options,
            Duration requestDeadline,
            AdmissionGate gate,
            Consumer<Router> features,
            Consumer<HttpServer> started) {
        this.options = options;
        this.requestDeadline = requestDeadline;
        this.gate = gate;
        this.features = features;
        this.started = started;
    }

    @Override
    public Future<?> start() {
        return vertx.createHttpServer(options).requestHandler(router()).listen().onSuccess(started::accept);
    }

    /** The order matters: id and clock, then shape, then the gate, then the body, then the endpoints. */
    private Router router() {
        Router router = Router.router(vertx);
        router.route().handler(new RequestIds(requestDeadline));
        router.route().handler(HttpApiVerticle::exactPath);
        router.route().handler(gate);
        router.route().handler(BodyHandler.create(false).setBodyLimit(BODY_LIMIT));
        features.accept(router);
        router.route().handler(HttpApiVerticle::notFound);
        router.route().failureHandler(new StepErrors());
        return router;
    }

    /** Trailing and double slashes name nothing here (wire contract s. 17.11), though the router would pass over them. */
    private static void exactPath(RoutingContext ctx) {
        String path = ctx.request().path();
        if (path == null || path.contains("//") || path.endsWith("/")) {
            notFound(ctx);
        } else {
            ctx.next();
        }
    }

    private static void notFound(RoutingContext ctx) {
        ctx.response()
                .setStatusCode(404)
                .putHeader("Content-Type", "text/plain; charset=utf-8")
                .end("404 page not found\n")
                .onFailure(gone -> LOG.atDebug().log("the client went before its answer"));
    }
}
