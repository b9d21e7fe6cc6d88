package io.chancery.node.status;

import io.chancery.core.config.CaConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The management port: plain HTTP, loopback unless configured. {@code /live} says that the event loops turn,
 * {@code /can-read} that the API port is open, {@code /can-issue} that certificates can be had, {@code /metrics} is for
 * Prometheus.
 */
public final class ManagementServer {
    private static final Logger LOG = LoggerFactory.getLogger(ManagementServer.class);
    private static final int IDLE_SECONDS = 15;

    private final Vertx vertx;
    private final NodeMetrics metrics;
    private final Supplier<Optional<String>> notLive;
    private final Supplier<Optional<String>> cannotRead;
    private final Supplier<Optional<String>> cannotIssue;

    /**
     * @param notLive which event loops do not turn, or empty; answered without waiting, as the others
     * @param cannotRead why the API is not served, or empty
     */
    public ManagementServer(
            Vertx vertx,
            NodeMetrics metrics,
            Supplier<Optional<String>> notLive,
            Supplier<Optional<String>> cannotRead,
            Supplier<Optional<String>> cannotIssue) {
        this.vertx = vertx;
        this.metrics = metrics;
        this.notLive = notLive;
        this.cannotRead = cannotRead;
        this.cannotIssue = cannotIssue;
    }

    public Future<HttpServer> listen(CaConfig.HostPort address) {
        return listen(address, this::handle);
    }

    /** step's {@code metricsAddress}: the metrics and nothing else. */
    public Future<HttpServer> listenForMetrics(CaConfig.HostPort address) {
        return listen(address, request -> {
            if ("/metrics".equals(request.path())) {
                handle(request);
            } else {
                answer(request, 404, "text/plain; charset=utf-8", "404 page not found\n");
            }
        });
    }

    private Future<HttpServer> listen(CaConfig.HostPort address, io.vertx.core.Handler<HttpServerRequest> handler) {
        return vertx.createHttpServer(
                        new HttpServerOptions().setIdleTimeout(IDLE_SECONDS).setIdleTimeoutUnit(TimeUnit.SECONDS))
                .requestHandler(handler)
                .listen(address.port(), address.host().isEmpty() ? "::" : address.host());
    }

    private void handle(HttpServerRequest request) {
        String path = request.path() == null ? "" : request.path();
        switch (path) {
            case "/live" -> signal(request, notLive.get());
            case "/can-read" -> signal(request, cannotRead.get());
            case "/can-issue" -> signal(request, cannotIssue.get());
            case "/metrics" -> answer(request, 200, "text/plain; version=0.0.4; charset=utf-8", metrics.scrape());
            default -> answer(request, 404, "text/plain; charset=utf-8", "404 page not found\n");
        }
    }

    private static void signal(HttpServerRequest request, Optional<String> reason) {
        JsonObject body = new JsonObject().put("status", reason.isEmpty() ? "ok" : "unavailable");
        reason.ifPresent(why -> body.put("reason", why));
        answer(request, reason.isEmpty() ? 200 : 503, "application/json", body.encode() + "\n");
    }

    private static void answer(HttpServerRequest request, int status, String type, String body) {
        request.response()
                .setStatusCode(status)
                .putHeader("Content-Type", type)
                .end(body)
                .onFailure(gone -> LOG.atDebug().log("the client went before its answer"));
    }
}
