package io.chancery.node.webhook;

import io.chancery.core.webhook.Webhook;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.KeyCertOptions;
import java.util.Optional;

/** Two clients: one that shows the server's own certificate, and one that shows none. */
final class WebhookClients {
    private static final int CONNECT_MILLIS = 3_000;

    private final WebhookTrust trust;
    private final HttpClientAgent known;
    private final HttpClientAgent anonymous;

    /** @param most calls of one webhook at once; several may be at one host */
    WebhookClients(Vertx vertx, WebhookTrust trust, int most) {
        this.trust = trust;
        this.known = client(vertx, most);
        this.anonymous = client(vertx, most);
    }

    private HttpClientAgent client(Vertx vertx, int most) {
        return vertx.httpClientBuilder()
                .with(new HttpClientOptions()
                        .setSsl(true)
                        .setConnectTimeout(CONNECT_MILLIS)
                        .setDecompressionSupported(false))
                .with(trust.options(Optional.empty()))
                .with(new PoolOptions().setHttp1MaxSize(most))
                .build();
    }

    /** Connections that are open stay as they are. */
    void use(KeyCertOptions key) {
        known.updateSSLOptions(trust.options(Optional.of(key))).onComplete(done -> {});
    }

    HttpClient of(Webhook webhook) {
        return webhook.clientCertificate() ? known : anonymous;
    }

    Future<Void> close() {
        return Future.join(known.close(), anonymous.close()).mapEmpty();
    }
}
