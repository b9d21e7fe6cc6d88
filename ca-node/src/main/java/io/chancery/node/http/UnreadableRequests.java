package io.chancery.node.http;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers what is no HTTP request, one too long to be read, one whose end is in doubt, or one that names no host or no path, in
 * the same form as every other error. Over HTTP/1 it hangs up then.
 */
final class UnreadableRequests implements Handler<HttpServerRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(UnreadableRequests.class);

    private final Supplier<RequestRules> rules;
    private final AnswerDate date;
    private final ConnectionWatch connections;

    UnreadableRequests(Supplier<RequestRules> rules, AnswerDate date, ConnectionWatch connections) {
        this.rules = rules;
        this.date = date;
        this.connections = connections;
    }

    /** What is said of a request that cannot be served. */
    private record Refusal(int status, String message) {}

    /**
     * Whether it is one that the router takes to its handlers, and whose end everybody sees in the same place: a proxy may read
     * a request with two hosts, or in an encoding that is passed over here, as other requests than this server. RFC 9112 s. 3.2 and
     * 6.1, RFC 9113 s. 8.3.1.
     */
    static boolean isReadable(HttpServerRequest request) {
        return refusal(request).isEmpty();
    }

    private static Optional<Refusal> refusal(HttpServerRequest request) {
        if (request.version() != HttpVersion.HTTP_2) {
            List<String> encodings = request.headers().getAll(HttpHeaders.TRANSFER_ENCODING);
            boolean chunks = encodings.size() == 1 && encodings.get(0).equalsIgnoreCase("chunked");
            if (!encodings.isEmpty() && !chunks) {
                return Optional.of(new Refusal(501, "The transfer encoding of the request is not supported."));
            }
            if (request.headers().getAll(HttpHeaders.HOST).size() > 1) {
                return Optional.of(
                        new Refusal(400, "The request could not be completed; it names more than one host."));
            }
        }
        String path = request.path();
        boolean whole = path != null
                && path.startsWith("/") // neither OPTIONS * nor CONNECT
                && (request.version() == HttpVersion.HTTP_1_0
                        || ((HttpServerRequestInternal) request).isValidAuthority());
        return whole
                ? Optional.empty()
                : Optional.of(new Refusal(400, "The request could not be completed; it names no host, or no path."));
    }

    private static Refusal refusal(HttpServerRequest request, @Nullable Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return new Refusal(
                    414, "The address of the request is longer than " + TlsOptions.LONGEST_LINE + " octets.");
        }
        if (cause instanceof TooLongHttpHeaderException) {
            return new Refusal(
                    431, "The headers of the request are larger than " + TlsOptions.LARGEST_HEADERS + " octets.");
        }
        Refusal unreadable = new Refusal(400, "The request could not be completed; it is not readable as HTTP.");
        return cause == null ? refusal(request).orElse(unreadable) : unreadable;
    }

    @Override
    public void handle(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        Refusal refusal = refusal(request, cause);
        String id = id(request);
        LOG.atInfo()
                .addKeyValue("requestId", id)
                .addKeyValue("status", refusal.status())
                .addKeyValue(
                        "reason",
                        cause == null ? refusal.message() : cause.getClass().getSimpleName())
                .log("a request could not be read");
        boolean alone = request.version() != HttpVersion.HTTP_2; // else others are under way beside it
        date.putInto(request.response());
        request.response()
                .setStatusCode(refusal.status())
                .putHeader(RequestIds.HEADER, id)
                .putHeader("Content-Type", "application/json");
        ConnectionWatch.Activity activity = connections.of(request.connection());
        if (alone) {
            activity.refuse(request.response());
        }
        String body = new JsonObject()
                        .put("status", refusal.status())
                        .put("message", refusal.message())
                        .encode()
                + "\n";
        (request.method().equals(HttpMethod.HEAD)
                        ? request.response().end()
                        : request.response().end(body))
                .onComplete(sent -> leave(request, activity, alone));
    }

    /** What else the client sends is not wanted. */
    private static void leave(HttpServerRequest request, ConnectionWatch.Activity activity, boolean alone) {
        if (alone && request.decoderResult().isFailure()) {
            // Nobody knows where such a request ends, and Vert.x hangs up by itself, too.
            request.connection().close().onFailure(gone -> LOG.atDebug().log("already closed"));
        } else if (alone || !request.isEnded()) {
            activity.endAfter(request);
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
