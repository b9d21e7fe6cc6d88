package io.chancery.node.status;

import io.chancery.cluster.checkup.CheckUps;
import io.chancery.core.config.CaConfig;
import io.chancery.core.config.ChanceryConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
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
 * The management port of a process of any role: plain HTTP, loopback unless configured. {@code /live} says that the event
 * loops turn, {@code /can-read} that the API port is open, {@code /can-issue} that certificates can be had,
 * {@code /can-sign} that the keys of this process sign, {@code /cluster} who is in the cluster, {@code /cluster/doctor}
 * what each node says of itself, {@code /metrics} is for Prometheus.
 */
public final class ManagementServer {
    private static final Logger LOG = LoggerFactory.getLogger(ManagementServer.class);
    private static final int IDLE_SECONDS = 15;

    private final Vertx vertx;
    private final ProcessMetrics metrics;
    private final LoopWatch loops;
    private final Signals signals;
    private final ClusterReport cluster;
    private final CheckUps checkUps;

    public ManagementServer(
            Vertx vertx, ProcessMetrics metrics, Signals signals, ClusterReport cluster, CheckUps checkUps) {
        this(vertx, metrics, new LoopWatch(), signals, cluster, checkUps);
    }

    /** With limits of its own for event loops that do not turn. */
    ManagementServer(
            Vertx vertx,
            ProcessMetrics metrics,
            LoopWatch loops,
            Signals signals,
            ClusterReport cluster,
            CheckUps checkUps) {
        this.vertx = vertx;
        this.metrics = metrics;
        this.loops = loops;
        this.signals = signals;
        this.cluster = cluster;
        this.checkUps = checkUps;
    }

    /**
     * Why not, or empty when all is well; each answered without waiting. Of what a process does not do it has no signal:
     * that path is not found.
     *
     * @param cannotRead why the API is not served
     * @param cannotIssue why no certificate can be had
     * @param cannotSign which key of this process does not sign
     */
    public record Signals(
            Optional<Supplier<Optional<String>>> cannotRead,
            Optional<Supplier<Optional<String>>> cannotIssue,
            Optional<Supplier<Optional<String>>> cannotSign) {}

    /**
     * Watches the event loops from now on, and opens the port. An address that nobody configured may be another's, as of a
     * Prometheus: then any free port is taken.
     */
    public Future<HttpServer> listen(ChanceryConfig.Management management) {
        return loops.start(vertx, VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE).compose(started -> open(management));
    }

    private Future<HttpServer> open(ChanceryConfig.Management management) {
        CaConfig.HostPort address = management.address();
        Future<HttpServer> opened = listen(address, this::handle);
        return management.configured()
                ? opened
                : opened.recover(failure -> {
                    LOG.atWarn()
                            .addKeyValue("port", address.port())
                            .addKeyValue("reason", String.valueOf(failure.getMessage()))
                            .log("the usual management port cannot be had, another one is taken;"
                                    + " chancery.json#/management/address names one for good");
                    return listen(new CaConfig.HostPort(address.host(), 0), this::handle);
                });
    }

    /** step's {@code metricsAddress}: the metrics and nothing else. */
    public Future<HttpServer> listenForMetrics(CaConfig.HostPort address) {
        return listen(address, request -> {
            if ("/metrics".equals(request.path())) {
                handle(request);
            } else {
                notFound(request);
            }
        });
    }

    private Future<HttpServer> listen(CaConfig.HostPort address, io.vertx.core.Handler<HttpServerRequest> handler) {
        return vertx.createHttpServer(
                        new HttpServerOptions().setIdleTimeout(IDLE_SECONDS).setIdleTimeoutUnit(TimeUnit.SECONDS))
                .requestHandler(handler)
                .listen(address.port(), address.listening());
    }

    private void handle(HttpServerRequest request) {
        String path = request.path() == null ? "" : request.path();
        switch (path) {
            case "/live" -> signal(request, loops.stuck(), Optional.empty());
            case "/can-read" -> signalIfThere(request, signals.cannotRead(), Optional.empty());
            // A node that nobody reaches can issue all the same; it is said, and counts for nothing.
            case "/can-issue" -> signalIfThere(request, signals.cannotIssue(), cluster.deaf());
            case "/can-sign" -> signalIfThere(request, signals.cannotSign(), cluster.deaf());
            case "/cluster" ->
                answer(request, 200, "application/json", cluster.json().encode() + "\n");
            case "/cluster/doctor" -> doctor(request);
            case "/metrics" -> answer(request, 200, "text/plain; version=0.0.4; charset=utf-8", metrics.scrape());
            default -> notFound(request);
        }
    }

    /** Also when what is asked throws: who waits for an answer gets one. */
    private void doctor(HttpServerRequest request) {
        Future<JsonObject> unused = Future.succeededFuture()
                .compose(now -> checkUps.ask())
                .onSuccess(all -> answer(request, 200, "application/json", all.encode() + "\n"))
                .onFailure(cause -> {
                    LOG.atError().setCause(cause).log("the nodes could not be asked how they are");
                    answer(
                            request,
                            500,
                            "text/plain; charset=utf-8",
                            "the nodes could not be asked; the log says why\n");
                });
    }

    private static void notFound(HttpServerRequest request) {
        answer(request, 404, "text/plain; charset=utf-8", "404 page not found\n");
    }

    private static void signalIfThere(
            HttpServerRequest request, Optional<Supplier<Optional<String>>> asked, Optional<String> note) {
        asked.ifPresentOrElse(reason -> signal(request, reason.get(), note), () -> notFound(request));
    }

    private static void signal(HttpServerRequest request, Optional<String> reason, Optional<String> note) {
        JsonObject body = new JsonObject().put("status", reason.isEmpty() ? "ok" : "unavailable");
        reason.ifPresent(why -> body.put("reason", why));
        note.ifPresent(text -> body.put("note", text));
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
