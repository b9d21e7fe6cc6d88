package io.chancery.cluster.join;

import com.hazelcast.config.Config;
import com.hazelcast.core.HazelcastInstance;
import io.chancery.cluster.members.ClusterMembers;
import io.chancery.cluster.members.NoOtherMembers;
import io.chancery.cluster.members.NodeFacts;
import io.chancery.cluster.replay.ForgetfulReplayFilter;
import io.chancery.cluster.replay.ReplayFilter;
import io.chancery.cluster.signers.LocalSignerDirectory;
import io.chancery.cluster.signers.NoOtherNodes;
import io.chancery.cluster.signers.SignerDirectory;
import io.chancery.cluster.signers.TokenTurns;
import io.chancery.core.config.ChanceryConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process as a member of a cluster: found by Hazelcast, heard over an event bus on which both sides show a
 * certificate of the cluster's own CA. Or alone: then no grid is started and no port of a bus is opened.
 *
 * @param signers as the grid knows them; alone, the one of this process
 * @param replay what the grid remembers of used tokens; alone, nothing
 * @param members who is there; alone, this node
 * @param tokens whose turn it is at a token that several signers share
 */
public record ClusterMember(
        Vertx vertx, SignerDirectory signers, ReplayFilter replay, ClusterMembers members, TokenTurns tokens) {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterMember.class);
    /** How long an event loop may stand still before the log says where: whatever waits belongs elsewhere. */
    private static final long STANDSTILL_MILLIS = 1_000;
    /**
     * Messages for a node wait while a connection to it is tried, and fail when that fails: as soon as whoever asked has
     * given up, and not after Vert.x's minute, in which a node that is back under the same address would not be reached.
     */
    private static final int CONNECT_MILLIS = 2_000;

    /** A node that has no others. */
    public static ClusterMember alone(NodeFacts facts) {
        return new ClusterMember(
                Vertx.vertx(options()),
                new LocalSignerDirectory(),
                new ForgetfulReplayFilter(),
                new NoOtherMembers(facts),
                new NoOtherNodes());
    }

    /**
     * Fails when an address is taken or a file cannot be read, or, with a text that says what differs, when this node
     * does not belong to those that are there; it has left them again then.
     */
    public static Future<ClusterMember> join(ChanceryConfig.Cluster cluster, NodeFacts facts) {
        return join(cluster, facts, Admission.SAME_ID_PATIENCE, HazelcastMembers.Pace.USUAL);
    }

    static Future<ClusterMember> join(
            ChanceryConfig.Cluster cluster, NodeFacts facts, Duration sameId, HazelcastMembers.Pace pace) {
        return Future.fromCompletionStage(CompletableFuture.supplyAsync(() -> addresses(cluster)))
                .compose(resolved -> resolved)
                .compose(found -> join(cluster, HazelcastConfigs.of(cluster, found, facts), facts, sameId, pace));
    }

    private static Future<MemberAddresses> addresses(ChanceryConfig.Cluster cluster) {
        try {
            return Future.succeededFuture(
                    MemberAddresses.resolve(cluster.members(), cluster.hazelcast(), MemberAddresses.Resolver::dns));
        } catch (UnknownHostException e) {
            return Future.failedFuture(e);
        }
    }

    private static Future<ClusterMember> join(
            ChanceryConfig.Cluster cluster,
            Config config,
            NodeFacts facts,
            Duration sameId,
            HazelcastMembers.Pace pace) {
        HazelcastConfigs.ofOneNode(config, cluster)
                .ifPresent(text -> LOG.atWarn().log(text));
        HazelcastClusterManager manager = new HazelcastClusterManager(config);
        VertxOptions options = options().setEventBusOptions(bus(cluster));
        return Vertx.builder()
                .with(options)
                .withClusterManager(manager)
                .buildClustered()
                .compose(vertx -> {
                    HazelcastInstance hazelcast = manager.getHazelcastInstance();
                    Future<ClusterMember> entered = Admission.ask(vertx, hazelcast, facts, sameId)
                            .compose(admitted -> enter(vertx, hazelcast, facts, pace));
                    return offItsLoops(entered)
                            .recover(cause -> leave(vertx).transform(left -> Future.failedFuture(cause)));
                });
    }

    /**
     * Leaves the cluster and closes the Vert.x. Returns at once: closing holds a lock of the Vert.x and may wait for
     * the grid, and whoever stops a process has a limit to keep.
     */
    public Future<Void> leave() {
        return leave(vertx);
    }

    private static Future<Void> leave(Vertx vertx) {
        return Future.fromCompletionStage(
                CompletableFuture.supplyAsync(() -> vertx.close().toCompletionStage(), ClusterMember::onItsOwnThread)
                        .thenCompose(closing -> closing));
    }

    private static void onItsOwnThread(Runnable task) {
        Thread thread = new Thread(task, "leave");
        thread.setDaemon(true);
        thread.start();
    }

    /** The Vert.x's event loops end with it: whoever waits there for it to close hears nothing. */
    private static <T> Future<T> offItsLoops(Future<T> future) {
        return Future.fromCompletionStage(future.toCompletionStage());
    }

    private static Future<ClusterMember> enter(
            Vertx vertx, HazelcastInstance hazelcast, NodeFacts facts, HazelcastMembers.Pace pace) {
        return HazelcastMembers.start(vertx, hazelcast, facts, pace)
                .map(members -> new ClusterMember(
                        vertx,
                        new HazelcastSignerDirectory(vertx, hazelcast),
                        new HazelcastReplayFilter(vertx, hazelcast),
                        members,
                        new HazelcastTokenTurns(hazelcast, facts.node())));
    }

    private static VertxOptions options() {
        return new VertxOptions()
                .setMaxEventLoopExecuteTimeUnit(TimeUnit.MILLISECONDS)
                .setMaxEventLoopExecuteTime(STANDSTILL_MILLIS)
                .setWarningExceptionTimeUnit(TimeUnit.MILLISECONDS)
                .setWarningExceptionTime(STANDSTILL_MILLIS);
    }

    private static EventBusOptions bus(ChanceryConfig.Cluster cluster) {
        EventBusOptions options = new EventBusOptions();
        options.setHost(cluster.bus().host());
        options.setPort(cluster.bus().port());
        options.setClusterPublicHost(cluster.bus().host());
        options.setClusterPublicPort(cluster.bus().port());
        options.setConnectTimeout(CONNECT_MILLIS);
        options.setSsl(true);
        options.setEnabledSecureTransportProtocols(Set.of("TLSv1.3"));
        options.setClientAuth(ClientAuth.REQUIRED);
        options.setTrustAll(false);
        options.setKeyCertOptions(new PemKeyCertOptions()
                .setCertPath(cluster.certificate().toString())
                .setKeyPath(cluster.key().toString()));
        options.setTrustOptions(new PemTrustOptions().addCertPath(cluster.ca().toString()));
        return options;
    }
}
