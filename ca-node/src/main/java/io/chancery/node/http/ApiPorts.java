package io.chancery.node.http;

import io.chancery.core.name.AddressRange;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ports of the API, each on every event loop: the one that clients use, and the one for named proxies, where each
 * connection begins with a PROXY header. They are two because a port that takes headers must take them from everybody
 * or nobody: who could choose would choose an address, too. Any thread.
 */
public final class ApiPorts {
    private static final Logger LOG = LoggerFactory.getLogger(ApiPorts.class);
    private static final Duration HEADER = Duration.ofSeconds(10);

    private final Vertx vertx;
    private final HttpApi api;
    private final List<HttpServer> servers = new CopyOnWriteArrayList<>();

    public ApiPorts(Vertx vertx, HttpApi api) {
        this.vertx = vertx;
        this.api = api;
    }

    /** Succeeds with the port's number. */
    public Future<Integer> open(HttpServerOptions options) {
        return open(options, connection -> true);
    }

    /**
     * Succeeds with the port's number. Connections of others than these proxies are closed once their PROXY header and
     * TLS handshake are done, which Vert.x does first: no request of theirs is answered.
     */
    public Future<Integer> openForProxies(HttpServerOptions options, List<AddressRange> proxies) {
        options.setUseProxyProtocol(true)
                .setProxyProtocolTimeout(HEADER.toSeconds())
                .setProxyProtocolTimeoutUnit(TimeUnit.SECONDS);
        return open(options, peer -> isOne(peer, proxies));
    }

    private static boolean isOne(SocketAddress peer, List<AddressRange> proxies) {
        boolean named = proxies.stream().anyMatch(range -> range.contains(String.valueOf(peer.hostAddress())));
        if (!named) {
            LOG.atWarn()
                    .addKeyValue("address", peer.hostAddress())
                    .log("not a trusted proxy; its connection is closed");
        }
        return named;
    }

    private Future<Integer> open(HttpServerOptions options, Predicate<SocketAddress> admits) {
        if (options.isSsl()) {
            options.setSslEngineOptions(new PromptTls(api.limits().patience()));
        }
        List<HttpServer> opened = new CopyOnWriteArrayList<>();
        DeploymentOptions everyLoop = new DeploymentOptions().setInstances(VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE);
        return vertx.deployVerticle(() -> new HttpApiVerticle(options, api, admits, opened::add), everyLoop)
                .map(id -> opened.get(0).actualPort())
                .onSuccess(port -> servers.addAll(opened));
    }

    public boolean isOpen() {
        return !servers.isEmpty();
    }

    /** New connections get the certificate in these options. */
    public Future<?> serve(HttpServerOptions options) {
        return Future.join(servers.stream()
                .map(server -> server.updateSSLOptions(options.getSslOptions()))
                .toList());
    }

    /** Takes no new connections, answers what is under way, for so long at most, and closes. */
    public Future<Void> close(Duration longest) {
        return Future.join(servers.stream()
                        .map(server -> server.shutdown(longest.toMillis(), TimeUnit.MILLISECONDS))
                        .toList())
                .mapEmpty();
    }
}
