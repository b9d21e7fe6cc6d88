package io.chancery.node.oidc;

import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.oidc.KeySet;
import io.chancery.core.oidc.OpenIdEndpoint;
import io.chancery.core.oidc.OpenIdProvider;
import io.chancery.core.oidc.ProviderMetadata;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** Asks over HTTP: the discovery document first, then the keys where it says they are. */
final class HttpQuestion implements ProviderQuestion {
    /** For both documents together. */
    static final Duration DEADLINE = Duration.ofSeconds(5);

    private static final int CONNECT_MILLIS = 3_000;

    private final Vertx vertx;
    private final HttpClient client;
    private final PublicKeys keys;
    private final Duration deadline;

    /** Whom the platform trusts with https, this trusts too. */
    HttpQuestion(Vertx vertx, PublicKeys keys) {
        this(vertx, keys, new HttpClientOptions(), DEADLINE);
    }

    HttpQuestion(Vertx vertx, PublicKeys keys, HttpClientOptions options, Duration deadline) {
        this.vertx = vertx;
        this.keys = keys;
        this.deadline = deadline;
        this.client =
                vertx.createHttpClient(options.setConnectTimeout(CONNECT_MILLIS).setKeepAlive(false));
    }

    @Override
    public Future<ProviderAnswer> ask(OpenIdEndpoint endpoint) {
        DocumentRequest discovery = new DocumentRequest(client);
        DocumentRequest keySet = new DocumentRequest(client);
        return discovery
                .get(endpoint.url())
                .compose(document -> read(document, text -> ProviderMetadata.parse(text, endpoint)))
                .compose(metadata -> keySet.get(metadata.jwksUri())
                        .compose(document -> read(
                                document,
                                text -> new ProviderAnswer(
                                        new OpenIdProvider(metadata.issuer(), KeySet.parse(text, keys)),
                                        Freshness.of(document.cacheControl())))))
                .timeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
                .recover(cause -> Future.failedFuture(
                        cause instanceof TimeoutException
                                ? new IllegalStateException(
                                        endpoint.url() + ": no answer within " + deadline.toMillis() + " ms")
                                : cause))
                .onComplete(done -> {
                    discovery.giveUp();
                    keySet.giveUp();
                });
    }

    /** Not on the loop: a hundred keys are milliseconds of work. */
    private <T> Future<T> read(Document document, Function<String, T> reader) {
        return vertx.executeBlocking(() -> reader.apply(document.text()), false);
    }
}
