package io.chancery.node.oidc;

import io.chancery.core.chain.AbandonedIssuers;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.oidc.KeySet;
import io.chancery.core.oidc.OpenIdEndpoint;
import io.chancery.core.oidc.OpenIdProvider;
import io.chancery.core.oidc.ProviderMetadata;
import io.chancery.node.outbound.OutboundProxies;
import io.chancery.node.outbound.ServerTrust;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** Asks over HTTP: the discovery document first, then the keys where it says they are. */
final class HttpQuestion implements ProviderQuestion {
    /** For both documents together. */
    static final Duration DEADLINE = Duration.ofSeconds(5);

    private static final int CONNECT_MILLIS = 3_000;

    private final Vertx vertx;
    private final HttpClientAgent client;
    private final PublicKeys keys;
    private final OutboundProxies proxies;
    private final Duration deadline;
    /** Whom it was last told to trust. */
    private Future<Void> trusted = Future.succeededFuture();

    /** Whom the platform trusts with https, this trusts too. */
    HttpQuestion(Vertx vertx, PublicKeys keys, OutboundProxies proxies) {
        this(vertx, keys, proxies, DEADLINE);
    }

    HttpQuestion(Vertx vertx, PublicKeys keys, OutboundProxies proxies, Duration deadline) {
        this.vertx = vertx;
        this.keys = keys;
        this.proxies = proxies;
        this.deadline = deadline;
        // A connection for each request: none outlives what was trusted when it was made.
        this.client = vertx.createHttpClient(
                new HttpClientOptions().setConnectTimeout(CONNECT_MILLIS).setKeepAlive(false));
    }

    @Override
    public synchronized Future<Void> trust(List<X509Certificate> roots, AbandonedIssuers abandoned) {
        List<X509Certificate> all = List.copyOf(roots);
        // One after the other: the last one counts.
        trusted = trusted.transform(before -> vertx.executeBlocking(() -> new ServerTrust(all, abandoned), false))
                .compose(trust -> client.updateSSLOptions(trust.options(Optional.empty())))
                .mapEmpty();
        return trusted;
    }

    private synchronized Future<Void> trusted() {
        return trusted;
    }

    @Override
    public Future<ProviderAnswer> ask(OpenIdEndpoint endpoint) {
        DocumentRequest discovery = new DocumentRequest(client, proxies);
        DocumentRequest keySet = new DocumentRequest(client, proxies);
        return trusted()
                .transform(done -> discovery.get(endpoint.url())) // where it failed, whoever was trusted before is
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
