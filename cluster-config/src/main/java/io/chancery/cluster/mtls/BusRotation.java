package io.chancery.cluster.mtls;

import io.chancery.core.config.ChanceryConfig;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up a node's bus certificate, its key and the cluster CAs when their files change, without a restart and without
 * losing a message. What does not fit together is left alone, and the old ones stay.
 *
 * <p>New connections use the new files at once. To each other node a new connection takes the place of the old one as
 * soon as that node is seen to accept one; the old one, through which nothing is sent any more, is closed a while later.
 * So are connections of others whose certificate is from a CA that was taken out.
 */
public final class BusRotation {
    private static final Logger LOG = LoggerFactory.getLogger(BusRotation.class);

    /** @param every how often the files are looked at */
    record Pace(Duration every, Duration proof, Duration grace) {}

    /**
     * A node that refuses a certificate says so within a second: with TLS 1.3 the side that connects believes itself
     * connected before the other has looked. The grace is longer than a handshake may take and than anybody waits for a
     * message.
     */
    private static final Pace PACE = new Pace(Duration.ofSeconds(5), Duration.ofSeconds(1), Duration.ofSeconds(15));

    private final Vertx vertx;
    private final ChanceryConfig.Cluster cluster;
    private final BusConnections connections;
    private final Pace pace;
    private volatile BusIdentity inUse;
    private volatile Consumer<BusIdentity> takenUp = identity -> {};
    /** One check after the other; each sees what the last one did. */
    private Future<?> last = Future.succeededFuture();

    /** Made under an identity of before. */
    private final Set<BusConnections.Outbound> old = new LinkedHashSet<>();

    private String complaint = "";

    private BusRotation(
            Vertx vertx, ChanceryConfig.Cluster cluster, BusIdentity inUse, BusConnections connections, Pace pace) {
        this.vertx = vertx;
        this.cluster = cluster;
        this.inUse = inUse;
        this.connections = connections;
        this.pace = pace;
    }

    /**
     * Looks at the files every five seconds, until the Vert.x is closed.
     *
     * @param vertx that has joined the cluster
     * @param inUse what was read when it did
     * @throws IllegalStateException when the bus of this Vert.x cannot take up other certificates
     */
    public static BusRotation start(Vertx vertx, ChanceryConfig.Cluster cluster, BusIdentity inUse) {
        return start(vertx, cluster, inUse, PACE);
    }

    static BusRotation start(Vertx vertx, ChanceryConfig.Cluster cluster, BusIdentity inUse, Pace pace) {
        BusRotation rotation = new BusRotation(vertx, cluster, inUse, BusConnections.of(vertx), pace);
        // What the bus is made with may hold nothing but files, and so judges others by the JDK alone.
        rotation.last = rotation.connections.use(inUse).onFailure(BusRotation::unexpected);
        long timer = vertx.setPeriodic(
                pace.every().toMillis(), tick -> rotation.check().onFailure(BusRotation::unexpected));
        LOG.atDebug().addKeyValue("timer", timer).log("the bus certificate is watched");
        return rotation;
    }

    /** Who is told of each identity that is taken up, on the context of the Vert.x. */
    public void onTakeUp(Consumer<BusIdentity> listener) {
        takenUp = listener;
    }

    /** The one that new connections use. Any thread. */
    public BusIdentity inUse() {
        return inUse;
    }

    /** Looks at the files now; succeeds when what they say is in use, or is refused. Any thread. */
    public synchronized Future<Void> check() {
        Future<Void> next = last.transform(done -> vertx.executeBlocking(this::read, false))
                .compose(found -> found.isPresent() ? takeUp(found.get()) : Future.succeededFuture())
                .compose(done -> replaceOld());
        last = next;
        return next;
    }

    /** On a worker thread. Empty when nothing is new, or it does not fit. */
    private Optional<BusIdentity> read() {
        try {
            BusIdentity found = BusIdentity.read(cluster);
            complaint = "";
            return found.hash().equals(inUse.hash()) ? Optional.empty() : Optional.of(found);
        } catch (BusFilesException e) {
            String reason = String.valueOf(e.getMessage());
            if (!reason.equals(complaint)) {
                complaint = reason;
                LOG.atWarn()
                        .addKeyValue("reason", reason)
                        .log("the bus certificate and its CAs were not taken up; the old ones stay in use");
            }
            return Optional.empty();
        }
    }

    private Future<Void> takeUp(BusIdentity found) {
        return connections.use(found).map(used -> {
            inUse = found;
            takenUp.accept(found);
            old.addAll(connections.outbound());
            long unused = vertx.setTimer(pace.grace().toMillis(), over -> closeStrangers());
            LOG.atInfo()
                    .addKeyValue("notAfter", found.certificate().getNotAfter().toInstant())
                    .addKeyValue("authorities", found.authorities().size())
                    .log("the bus certificate and its CAs were taken up");
            return null;
        });
    }

    private void closeStrangers() {
        vertx.executeBlocking(
                        () -> connections.closeStrangers(inUse) + connections.closeStrangersOutbound(inUse), false)
                .onSuccess(closed -> {
                    if (closed > 0) {
                        LOG.atWarn()
                                .addKeyValue("connections", closed)
                                .log("connections with a certificate of a removed CA were closed");
                    }
                })
                .onFailure(BusRotation::unexpected);
    }

    private Future<Void> replaceOld() {
        List<Future<Void>> replaced = new ArrayList<>();
        for (BusConnections.Outbound connection : List.copyOf(old)) {
            if (!connections.isInUse(connection)) {
                boolean unused = old.remove(connection); // it was closed by itself
            } else {
                // One that is still being made has its turn at the next look.
                BusConnections.socket(connection).ifPresent(socket -> replaced.add(replace(connection, socket)));
            }
        }
        return Future.join(replaced).mapEmpty();
    }

    private Future<Void> replace(BusConnections.Outbound connection, NetSocket socket) {
        return isAccepted(socket).map(accepted -> {
            if (accepted) {
                connections.forget(connection);
                boolean unused = old.remove(connection);
                long ignored = vertx.setTimer(
                        pace.grace().toMillis(), over -> socket.close().onFailure(BusRotation::unexpected));
            } else {
                LOG.atWarn()
                        .addKeyValue("address", socket.remoteAddress())
                        .log("another node does not accept the new bus certificate; the old connection stays");
            }
            return null;
        });
    }

    /** Whether a new connection to the same node stays open. */
    private Future<Boolean> isAccepted(NetSocket like) {
        return connections
                .tryOne(like)
                .compose(trial -> {
                    Promise<Boolean> open = Promise.promise();
                    NetSocket unused = trial.exceptionHandler(failure -> open.tryComplete(false))
                            .closeHandler(closed -> open.tryComplete(false));
                    long ignored = vertx.setTimer(pace.proof().toMillis(), over -> open.tryComplete(true));
                    return open.future().eventually(trial::close);
                })
                .otherwise(false);
    }

    private static void unexpected(Throwable cause) {
        LOG.atError().setCause(cause).log("the bus certificate could not be looked after");
    }
}
