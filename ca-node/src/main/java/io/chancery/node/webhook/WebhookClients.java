package io.chancery.node.webhook;

import io.chancery.core.webhook.Webhook;
import io.chancery.node.outbound.ServerTrust;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.KeyCertOptions;
import java.util.Optional;
import javax.net.ssl.X509ExtendedKeyManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Two clients: one that shows the server's own certificate, and one that shows none. */
final class WebhookClients {
    private static final Logger LOG = LoggerFactory.getLogger(WebhookClients.class);
    private static final int CONNECT_MILLIS = 3_000;
    /** Webhooks at one host that may all hang before another one there waits for a connection. */
    private static final int MOST_OF_A_HOST = 16;

    private final Vertx vertx;
    private final HttpClientAgent known;
    private final HttpClientAgent anonymous;
    private ServerTrust trust;
    private Optional<KeyCertOptions> shown = Optional.empty();
    private volatile boolean shows;

    /** @param most calls of one webhook at once */
    WebhookClients(Vertx vertx, ServerTrust trust, int most) {
        this.vertx = vertx;
        this.trust = trust;
        this.known = client(vertx, trust, most);
        this.anonymous = client(vertx, trust, most);
    }

    private static HttpClientAgent client(Vertx vertx, ServerTrust trust, int most) {
        return vertx.httpClientBuilder()
                .with(new HttpClientOptions()
                        .setSsl(true)
                        .setConnectTimeout(CONNECT_MILLIS)
                        .setDecompressionSupported(false))
                .with(trust.options(Optional.empty()))
                .with(new PoolOptions().setHttp1MaxSize(MOST_OF_A_HOST * most))
                // Whoever waits for the answer hears of it, and the log from there.
                .withConnectHandler(connection -> connection.exceptionHandler(ended -> {}))
                .build();
    }

    /**
     * For connections from now on; those that are open serve no later call. A key that cannot be used changes nothing, and
     * the log says so.
     */
    synchronized void use(KeyCertOptions key) {
        KeyCertOptions own;
        try { // now: a client looks at it at each call only
            own = KeyCertOptions.wrap(new OwnCertificate(
                    (X509ExtendedKeyManager) key.getKeyManagerFactory(vertx).getKeyManagers()[0]));
        } catch (Exception e) {
            refused(e);
            return;
        }
        shown = Optional.of(own);
        known.updateSSLOptions(trust.options(shown))
                .onSuccess(used -> shows = true)
                .onFailure(WebhookClients::refused);
    }

    /** For connections from now on; those that are open serve no later call. */
    synchronized void trust(ServerTrust next) {
        trust = next;
        Future.join(
                        known.updateSSLOptions(next.options(shown)),
                        anonymous.updateSSLOptions(next.options(Optional.empty())))
                .onFailure(cause -> LOG.atError()
                        .addKeyValue("reason", cause.getMessage())
                        .log("webhooks are held against the CAs that were trusted before"));
    }

    /** What it says may hold some of the key. */
    private static void refused(Throwable cause) {
        LOG.atWarn()
                .addKeyValue("reason", cause.getClass().getSimpleName())
                .log("webhooks are not shown the server's new certificate: it cannot be used");
    }

    /** Empty when the webhook may ask for a certificate, and there is none yet. */
    Optional<HttpClient> of(Webhook webhook) {
        if (!webhook.clientCertificate()) {
            return Optional.of(anonymous);
        }
        return shows ? Optional.of(known) : Optional.empty();
    }

    Future<Void> close() {
        return Future.join(known.close(), anonymous.close()).mapEmpty();
    }
}
