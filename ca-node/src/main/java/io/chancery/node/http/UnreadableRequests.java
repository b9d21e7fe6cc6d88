package io.chancery.node.http;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import io.vertx.core.json.JsonObject;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers what is no HTTP request, one too long to be read, or one that names no host or no path, in the same form as every
 * other error. Over HTTP/1 it hangs up then.
 */
final class UnreadableRequests implements Handler<HttpServerRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(UnreadableRequests.class);

    private final Supplier<RequestRules> rules;

    UnreadableRequests(Supplier<RequestRules> rules) {
        this.rules = rules;
    }

    /**
     * Whether it is one that the router takes to its handlers: it would answer others by itself, in a form of its own. RFC 9112
     * s. 3.2, RFC 9113 s. 8.3.1.
     */
    static boolean isReadable(HttpServerRequest request) {
        String path = request.path();
        return path != null
                && path.startsWith("/") // neither OPTIONS * nor CONNECT
                && (request.version() == HttpVersion.HTTP_1_0
                        || ((HttpServerRequestInternal) request).isValidAuthority());
    }

    @Override
    public void handle(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        int status = 400;
        String message = "The request could not be completed; it is not readable as HTTP.";
        if (cause instanceof TooLongHttpLineException) {
            status = 414;
            message = "The address of the request is longer than " + TlsOptions.LONGEST_LINE + " octets.";
        } else if (cause instanceof TooLongHttpHeaderException) {
            status = 431;
            message = "The headers of the request are larger than " + TlsOptions.LARGEST_HEADERS + " octets.";
        } else if (cause == null) {
            message = "The request could not be completed; it names no host, or no path.";
        }
        String id = id(request);
        LOG.atInfo()
                .addKeyValue("requestId", id)
                .addKeyValue("status", status)
                .addKeyValue("reason", cause == null ? "" : cause.getClass().getSimpleName())
                .log("a request could not be read");
        boolean alone = request.version() != HttpVersion.HTTP_2; // else others are under way beside it
        request.response()
                .setStatusCode(status)
                .putHeader(RequestIds.HEADER, id)
                .putHeader("Content-Type", "application/json");
        if (alone) {
            request.response().putHeader("Connection", "close");
        }
        request.response()
                .end(new JsonObject()
                                .put("status", status)
                                .put("message", message)
                                .encode() + "\n")
                .onComplete(sent -> leave(request, alone));
    }

    /** What else the client sends is not wanted. */
    private static void leave(HttpServerRequest request, boolean alone) {
        if (alone) {
            request.connection().close().onFailure(gone -> LOG.atDebug().log("already closed"));
        } else if (!request.isEnded()) {
            boolean unused = request.response().reset(0).succeeded(); // NO_ERROR: RFC 9113 s. 8.1
        }
    }

    private String id(HttpServerRequest request) {
        try {
            return RequestIds.of(request, rules.get());
        } catch (RuntimeException e) {
            return UUID.randomUUID().toString(); // headers that cannot be read either
        }
    }
}
