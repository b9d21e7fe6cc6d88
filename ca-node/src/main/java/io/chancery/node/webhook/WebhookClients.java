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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Two clients: one that shows the server's own certificate, and one that shows none. */
final class WebhookClients {
    private static final Logger LOG = LoggerFactory.getLogger(WebhookClients.class);
    private static final int CONNECT_MILLIS = 3_000;

    private final Vertx vertx;
    private final WebhookTrust trust;
    private final HttpClientAgent known;
    private final HttpClientAgent anonymous;

    /** @param most calls of one webhook at once; several may be at one host */
    WebhookClients(Vertx vertx, WebhookTrust trust, int most) {
        this.vertx = vertx;
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

    /** Connections that are open stay as they are. A key that cannot be used changes nothing, and the log says so. */
    void use(KeyCertOptions key) {
        try {
            var unused = key.getKeyManagerFactory(vertx); // a client looks at it at each call only
        } catch (Exception e) {
            refused(e);
            return;
        }
        known.updateSSLOptions(trust.options(Optional.of(key))).onFailure(WebhookClients::refused);
    }

    /** What it says may hold some of the key. */
    private static void refused(Throwable cause) {
        LOG.atWarn()
                .addKeyValue("reason", cause.getClass().getSimpleName())
                .log("webhooks are not shown the server's new certificate: it cannot be used");
    }

    HttpClient of(Webhook webhook) {
        return webhook.clientCertificate() ? known : anonymous;
    }

    Future<Void> close() {
        return Future.join(known.close(), anonymous.close()).mapEmpty();
    }
}
