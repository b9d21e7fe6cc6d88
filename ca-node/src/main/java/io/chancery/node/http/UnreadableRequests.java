package io.chancery.node.http;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers what is no HTTP request, or one too long to be read, in the same form as every other error, and hangs up. */
final class UnreadableRequests implements Handler<HttpServerRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(UnreadableRequests.class);

    private final Supplier<RequestRules> rules;

    UnreadableRequests(Supplier<RequestRules> rules) {
        this.rules = rules;
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
        }
        String id = id(request);
        LOG.atInfo()
                .addKeyValue("requestId", id)
                .addKeyValue("status", status)
                .addKeyValue("reason", cause == null ? "" : cause.getClass().getSimpleName())
                .log("a request could not be read");
        request.response()
                .setStatusCode(status)
                .putHeader(RequestIds.HEADER, id)
                .putHeader("Content-Type", "application/json")
                .putHeader("Connection", "close")
                .end(new JsonObject()
                                .put("status", status)
                                .put("message", message)
                                .encode() + "\n")
                .onComplete(
                        sent -> request.connection().close().onFailure(gone -> LOG.atDebug().log("already closed")));
    }

    private String id(HttpServerRequest request) {
        try {
            return RequestIds.of(request, rules.get());
        } catch (RuntimeException e) {
            return UUID.randomUUID().toString(); // headers that cannot be read either
        }
    }
}
