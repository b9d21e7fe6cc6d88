package io.chancery.node.status;

import io.chancery.core.config.CaConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
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

    private final Vertx vertx;
    private final PrometheusMeterRegistry registry;
    private final Supplier<Optional<String>> cannotRead;
    private final Supplier<Optional<String>> cannotIssue;

    /** @param cannotRead why the API is not served, or empty; answered without waiting, as the other */
    public ManagementServer(
            Vertx vertx,
            PrometheusMeterRegistry registry,
            Supplier<Optional<String>> cannotRead,
            Supplier<Optional<String>> cannotIssue) {
        this.vertx = vertx;
        this.registry = registry;
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
        return vertx.createHttpServer()
                .requestHandler(handler)
                .listen(address.port(), address.host().isEmpty() ? "::" : address.host());
    }

    private void handle(HttpServerRequest request) {
        String path = request.path() == null ? "" : request.path();
        switch (path) {
            case "/live" -> signal(request, Optional.empty());
            case "/can-read" -> signal(request, cannotRead.get());
            case "/can-issue" -> signal(request, cannotIssue.get());
            case "/metrics" -> answer(request, 200, "text/plain; version=0.0.4; charset=utf-8", registry.scrape());
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
