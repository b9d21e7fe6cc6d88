package io.chancery.node.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/** Tells of each request when it is over, answered or not, and keeps its connection from counting as idle until then. */
final class RequestAccount implements Handler<RoutingContext> {
    private final ConnectionWatch connections;
    private final List<Consumer<AnsweredRequest>> observers;
    private final InstantSource clock;

    RequestAccount(ConnectionWatch connections, List<Consumer<AnsweredRequest>> observers, InstantSource clock) {
        this.connections = connections;
        this.observers = observers;
        this.clock = clock;
    }

    @Override
    public void handle(RoutingContext ctx) {
        ConnectionWatch.Activity activity = connections.of(ctx.request().connection());
        Answer.attach(ctx, activity);
        activity.begin();
        Instant began = clock.instant();
        long nanos = System.nanoTime();
        boolean[] over = {false};
        ctx.addEndHandler(done -> {
            if (!over[0]) {
                over[0] = true;
                activity.end();
                AnsweredRequest answered = account(ctx, began, Duration.ofNanos(System.nanoTime() - nanos));
                observers.forEach(observer -> observer.accept(answered));
            }
        });
        ctx.next();
    }

    private static AnsweredRequest account(RoutingContext ctx, Instant began, Duration took) {
        HttpServerRequest request = ctx.request();
        SocketAddress remote = request.remoteAddress();
        return new AnsweredRequest(
                RequestContext.of(ctx),
                new AnsweredRequest.Client(
                        remote == null ? "" : String.valueOf(remote.hostAddress()),
                        protocol(request.version()),
                        Objects.requireNonNullElse(request.getHeader("User-Agent"), "")),
                request.method().name(),
                Objects.requireNonNullElse(request.path(), ""),
                ctx.response().headWritten() ? ctx.response().getStatusCode() : 0,
                ctx.response().bytesWritten(),
                began,
                took);
    }

    private static String protocol(HttpVersion version) {
        return switch (version) {
            case HTTP_1_0 -> "HTTP/1.0";
            case HTTP_1_1 -> "HTTP/1.1";
            case HTTP_2 -> "HTTP/2.0";
            default -> version.name();
        };
    }
}
