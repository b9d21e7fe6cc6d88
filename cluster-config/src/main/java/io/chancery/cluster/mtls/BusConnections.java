package io.chancery.cluster.mtls;

import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.handler.ssl.SslHandler;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.TrustOptions;
import java.lang.reflect.Field;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of a clustered event bus, from the inside. Vert.x can change the certificates of a server and of a
 * client while they run, but the bus shows neither: they are reached by reflection, in this class alone. Any thread.
 */
final class BusConnections {
    private static final Logger LOG = LoggerFactory.getLogger(BusConnections.class);
    private static final Set<String> PROTOCOLS = Set.of("TLSv1.3");

    private final NetServer server;
    private final NetClient client;
    private final ChannelGroup inbound;
    private final ConcurrentMap<?, ?> outbound;

    private BusConnections(NetServer server, NetClient client, ChannelGroup inbound, ConcurrentMap<?, ?> outbound) {
        this.server = server;
        this.client = client;
        this.inbound = inbound;
        this.outbound = outbound;
    }

    /** IllegalStateException when the bus is not clustered, or this Vert.x is built otherwise. */
    static BusConnections of(Vertx vertx) {
        EventBus bus = vertx.eventBus();
        NetServer server = field(bus, "server", NetServer.class);
        return new BusConnections(
                server,
                field(bus, "client", NetClient.class),
                field(server, "channelGroup", ChannelGroup.class),
                field(bus, "outboundConnections", ConcurrentMap.class));
    }

    private static <T> T field(Object owner, String name, Class<T> type) {
        return find(owner, name, type)
                .orElseThrow(() -> new IllegalStateException("the event bus of this Vert.x has no " + name));
    }

    /** Empty when the field is null. */
    private static <T> Optional<T> find(Object owner, String name, Class<T> type) {
        for (Class<?> at = owner.getClass(); at != null; at = at.getSuperclass()) {
            for (Field field : at.getDeclaredFields()) {
                if (field.getName().equals(name)) {
                    return read(owner, field).map(type::cast);
                }
            }
        }
        throw new IllegalStateException("the event bus of this Vert.x has no " + name);
    }

    private static Optional<Object> read(Object owner, Field field) {
        try {
            field.setAccessible(true);
            return Optional.ofNullable(field.get(owner));
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("the event bus of this Vert.x does not show its " + field.getName(), e);
        }
    }

    /**
     * Connections that begin from now on show this identity and believe its CAs; the others stay as they are. Nothing is
     * resumed from a session of before: Vert.x makes new TLS contexts.
     */
    Future<Void> use(BusIdentity identity) {
        ServerSSLOptions serving = new ServerSSLOptions()
                .setClientAuth(ClientAuth.REQUIRED)
                .setKeyCertOptions(key(identity))
                .setTrustOptions(trust(identity));
        serving.setEnabledSecureTransportProtocols(PROTOCOLS);
        ClientSSLOptions asking = new ClientSSLOptions()
                .setHostnameVerificationAlgorithm("") // whoever has a certificate of the cluster CA is a node
                .setTrustAll(false)
                .setKeyCertOptions(key(identity))
                .setTrustOptions(trust(identity));
        asking.setEnabledSecureTransportProtocols(PROTOCOLS);
        return server.updateSSLOptions(serving, true)
                .compose(served -> client.updateSSLOptions(asking, true))
                .mapEmpty();
    }

    private static PemKeyCertOptions key(BusIdentity identity) {
        return new PemKeyCertOptions()
                .setCertValue(Buffer.buffer(identity.certificatePem()))
                .setKeyValue(Buffer.buffer(identity.keyPem()));
    }

    private static TrustOptions trust(BusIdentity identity) {
        return GenuineTrust.options(identity.authorities());
    }

    /** To others, those that are being made included. */
    List<Outbound> outbound() {
        List<Outbound> all = new ArrayList<>();
        for (Map.Entry<?, ?> entry : outbound.entrySet()) {
            all.add(new Outbound(entry.getKey(), entry.getValue()));
        }
        return all;
    }

    /** Whether the bus still sends through it. */
    boolean isInUse(Outbound connection) {
        return outbound.get(connection.node()) == connection.connection();
    }

    /** The next message to that node goes through a new connection, and waits until it is there. */
    void forget(Outbound connection) {
        boolean unused = outbound.remove(connection.node(), connection.connection());
    }

    /** Empty while it is being made. */
    static Optional<NetSocket> socket(Outbound connection) {
        return find(connection.connection(), "socket", NetSocket.class);
    }

    /** A connection of the same kind as the bus's own; nothing is sent through it. */
    Future<NetSocket> tryOne(NetSocket like) {
        return client.connect(like.remoteAddress());
    }

    /** Closes those of nodes whose certificate is from a CA that is no longer believed; answers how many. Computes. */
    int closeStrangers(BusIdentity identity) {
        int closed = 0;
        for (Channel channel : inbound) {
            SslHandler tls = channel.pipeline().get(SslHandler.class);
            if (tls != null && tls.handshakeFuture().isSuccess() && !believes(identity, tls)) {
                io.netty.channel.ChannelFuture unused = channel.close();
                closed++;
            }
        }
        return closed;
    }

    /** Closes those to nodes that are no longer believed, so that nothing is sent to them; answers how many. Computes. */
    int closeStrangersOutbound(BusIdentity identity) {
        int closed = 0;
        for (Outbound connection : outbound()) {
            Optional<NetSocket> socket = socket(connection);
            if (socket.isPresent() && !believes(identity, socket.get())) {
                forget(connection);
                Future<Void> unused = socket.get().close().onFailure(BusConnections::notClosed);
                closed++;
            }
        }
        return closed;
    }

    private static void notClosed(Throwable cause) {
        LOG.atWarn()
                .addKeyValue("reason", cause.getMessage())
                .log("a connection to a node that is no longer believed did not close cleanly");
    }

    private static boolean believes(BusIdentity identity, NetSocket socket) {
        try {
            return identity.believes((X509Certificate) socket.peerCertificates().get(0));
        } catch (SSLPeerUnverifiedException e) {
            return false;
        }
    }

    private static boolean believes(BusIdentity identity, SslHandler tls) {
        try {
            return identity.believes((X509Certificate) tls.engine().getSession().getPeerCertificates()[0]);
        } catch (SSLPeerUnverifiedException e) {
            return false; // the bus takes nobody without a certificate
        }
    }

    /**
     * One of the bus's own connections to another node.
     *
     * @param node as the grid knows it
     * @param connection Vert.x's; two are the same only if they are one object
     */
    record Outbound(Object node, Object connection) {}
}
