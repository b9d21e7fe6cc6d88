package io.chancery.node.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends answers. Every one goes out here, so that none which its client does not read is forgotten. */
public final class Answer {
    private static final Logger LOG = LoggerFactory.getLogger(Answer.class);
    /** Octets of a body that are written at once. */
    private static final int AT_ONCE = 64 * 1024;

    private static final String ACTIVITY = Answer.class.getName();

    private Answer() {}

    static void attach(RoutingContext ctx, ConnectionWatch.Activity activity) {
        RoutingContext unused = ctx.put(ACTIVITY, activity);
    }

    public static void send(RoutingContext ctx, int status, String type, String body) {
        send(ctx, status, type, Buffer.buffer(body));
    }

    /** @param body not changed, and not to be changed any more */
    public static void send(RoutingContext ctx, int status, String type, Buffer body) {
        ctx.response().putHeader("Content-Type", type);
        end(ctx, status, body);
    }

    /** 405 with an empty body. */
    public static void notAllowed(RoutingContext ctx, String allowed) {
        ctx.response().putHeader("Allow", allowed);
        end(ctx, 405, Buffer.buffer());
    }

    private static void end(RoutingContext ctx, int status, Buffer body) {
        HttpServerResponse response = ctx.response();
        if (response.ended() || response.closed()) {
            return; // the client went, or was too slow and has been told so
        }
        boolean whole = ctx.request().isEnded() || !announcesBody(ctx.request());
        ConnectionWatch.Activity activity = ctx.get(ACTIVITY);
        if (!whole && ctx.request().version() != HttpVersion.HTTP_2) {
            activity.refuse(response);
        }
        int held = held(ctx, body);
        activity.sending(held);
        response.setStatusCode(status);
        if (activity.isLeaving()) {
            // Netty drops an HTTP/2 answer that is written while the end of its request is being read, once a GOAWAY
            // is out: it closes the connection before that is flushed.
            ctx.vertx().runOnContext(read -> {
                if (response.ended() || response.closed()) {
                    activity.sent(held);
                } else {
                    send(ctx, activity, body, held, whole);
                }
            });
        } else {
            send(ctx, activity, body, held, whole);
        }
    }

    /** A longer one is had from where it is kept, a part at a time. */
    private static int held(RoutingContext ctx, Buffer body) {
        return ctx.request().method().equals(HttpMethod.HEAD) ? 0 : Math.min(body.length(), AT_ONCE);
    }

    private static void send(
            RoutingContext ctx, ConnectionWatch.Activity activity, Buffer body, int held, boolean whole) {
        written(ctx, activity, body).onComplete(sent -> {
            activity.sent(held);
            if (sent.failed()) {
                LOG.atDebug().log("the client went before its answer");
            }
            if (!whole) {
                activity.endAfter(ctx.request());
            }
        });
    }

    private static Future<Void> written(RoutingContext ctx, ConnectionWatch.Activity activity, Buffer body) {
        HttpServerResponse response = ctx.response();
        if (ctx.request().method().equals(HttpMethod.HEAD)) {
            if (body.length() > 0) {
                response.putHeader(HttpHeaders.CONTENT_LENGTH, String.valueOf(body.length()));
            }
            return response.end(); // over HTTP/2 a body would break the protocol
        }
        return body.length() <= AT_ONCE ? response.end(body) : inParts(response, activity, body);
    }

    /** As fast as the client reads, so that one which reads slowly fills no memory, and one turn of the loop is short. */
    private static Future<Void> inParts(HttpServerResponse response, ConnectionWatch.Activity activity, Buffer body) {
        response.putHeader(HttpHeaders.CONTENT_LENGTH, String.valueOf(body.length()));
        Promise<Void> ended = Promise.promise();
        response.exceptionHandler(ended::tryFail);
        response.closeHandler(gone -> {
            boolean unused = ended.tryFail("the connection is closed");
        });
        int[] position = {0};
        Runnable more = () -> {
            activity.moved();
            while (!response.ended() && !response.closed() && !response.writeQueueFull()) {
                int start = position[0];
                int end = Math.min(body.length(), start + AT_ONCE);
                position[0] = end;
                Buffer part = body.slice(start, end);
                if (end == body.length()) {
                    response.end(part).onComplete(ended::handle);
                    return;
                }
                boolean unused = response.write(part).succeeded();
            }
        };
        response.drainHandler(drained -> more.run());
        more.run();
        return ended.future();
    }

    /**
     * A request without a body is whole when its head has come, though over HTTP/1 its end is told later: it must not
     * cost a kept connection. RFC 9112 s. 6.3.
     */
    private static boolean announcesBody(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return request.version() == HttpVersion.HTTP_2
                || request.headers().contains(HttpHeaders.TRANSFER_ENCODING)
                || (length != null && !length.equals("0"));
    }
}
