package io.chancery.node.oidc;

import io.chancery.node.outbound.OutboundProxies;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.ProxyOptions;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One GET of a document, which a stranger may answer as slowly, with as much and from as many places as it likes: so
 * octets and redirects are counted, and {@link #giveUp} ends it at any moment. Used once.
 */
final class DocumentRequest {
    /** Octets of one document; large providers need a tenth. */
    static final int MOST_OCTETS = 256 * 1024;

    static final int MOST_REDIRECTS = 3;

    private static final int HTTPS_PORT = 443;
    private static final int HTTP_PORT = 80;

    private final HttpClient client;
    private final OutboundProxies proxies;
    private @Nullable HttpClientRequest current;
    private boolean over;

    DocumentRequest(HttpClient client, OutboundProxies proxies) {
        this.client = client;
        this.proxies = proxies;
    }

    /** Fails with an IllegalStateException that says what was wrong. */
    Future<Document> get(String url) {
        try {
            return get(URI.create(url), 0);
        } catch (RuntimeException e) { // the client throws at a URL that it cannot use
            return Future.failedFuture(fault(url + ": " + reason(e)));
        }
    }

    private Future<Document> get(URI url, int redirects) {
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setAbsoluteURI(url.toString())
                .setFollowRedirects(false) // by ourselves: never from https to http
                .putHeader(HttpHeaders.ACCEPT, "application/json");
        proxy(url).ifPresent(options::setProxyOptions);
        return client.request(options)
                .compose(this::sent)
                .compose(response -> answered(response, url, redirects))
                .recover(cause -> Future.failedFuture(
                        cause instanceof IllegalStateException ? cause : fault(url + ": " + reason(cause))));
    }

    private Optional<ProxyOptions> proxy(URI url) {
        boolean tls = "https".equals(url.getScheme());
        String host = Optional.ofNullable(url.getHost()).orElse("");
        return proxies.to(tls, host, url.getPort() >= 0 ? url.getPort() : tls ? HTTPS_PORT : HTTP_PORT);
    }

    private synchronized Future<HttpClientResponse> sent(HttpClientRequest request) {
        if (over) {
            request.reset().onComplete(done -> {});
            return Future.failedFuture(fault("given up"));
        }
        current = request.exceptionHandler(ended -> {}); // whoever waits for the answer hears of it
        return request.send();
    }

    private Future<Document> answered(HttpClientResponse response, URI url, int redirects) {
        String location = response.getHeader(HttpHeaders.LOCATION);
        int status = response.statusCode();
        if (status == 200) {
            return body(response, url);
        }
        response.exceptionHandler(unwanted -> {}); // the rest of it
        giveUpRest();
        if (status / 100 != 3 || location == null) {
            return Future.failedFuture(fault(url + ": answered with status " + status));
        }
        if (redirects == MOST_REDIRECTS) {
            return Future.failedFuture(fault(url + ": more than " + MOST_REDIRECTS + " redirects"));
        }
        return redirected(url, location)
                .map(next -> get(next, redirects + 1))
                .orElseGet(() -> Future.failedFuture(fault(url + ": redirects to where keys are not to be had from")));
    }

    /** Where to go on; empty when it is no place on the web, or less safe than this one. */
    private static Optional<URI> redirected(URI from, String location) {
        try {
            URI next = from.resolve(location);
            boolean safe = "https".equals(next.getScheme())
                    || ("http".equals(next.getScheme()) && "http".equals(from.getScheme()));
            return safe && next.getHost() != null ? Optional.of(next) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Future<Document> body(HttpClientResponse response, URI url) {
        String cacheControl = Optional.ofNullable(response.getHeader(HttpHeaders.CACHE_CONTROL))
                .orElse("");
        Promise<Document> whole = Promise.promise();
        Buffer octets = Buffer.buffer();
        response.handler(chunk -> {
            if (octets.length() + chunk.length() <= MOST_OCTETS) {
                octets.appendBuffer(chunk);
            } else if (whole.tryFail(fault(url + ": more than " + MOST_OCTETS + " octets"))) {
                giveUpRest();
            }
        });
        response.exceptionHandler(cause -> {
            boolean unused = whole.tryFail(fault(url + ": " + reason(cause)));
        });
        response.endHandler(end -> {
            boolean unused = whole.tryComplete(new Document(octets.toString(StandardCharsets.UTF_8), cacheControl));
        });
        return whole.future();
    }

    /** Ends it now; whatever it had got is thrown away. */
    synchronized void giveUp() {
        over = true;
        giveUpRest();
    }

    private synchronized void giveUpRest() {
        if (current != null) {
            current.reset().onComplete(done -> {});
            current = null;
        }
    }

    private static IllegalStateException fault(String what) {
        return new IllegalStateException(what);
    }

    /** The innermost: what wraps it says less. */
    private static String reason(Throwable cause) {
        Throwable inner = cause;
        while (inner.getCause() != null && inner.getCause() != inner) {
            inner = inner.getCause();
        }
        return String.valueOf(inner.getMessage());
    }
}
