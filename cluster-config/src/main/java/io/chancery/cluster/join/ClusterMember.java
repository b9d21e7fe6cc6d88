package io.chancery.cluster.join;

import com.hazelcast.core.HazelcastInstance;
import io.chancery.cluster.replay.ForgetfulReplayFilter;
import io.chancery.cluster.replay.ReplayFilter;
import io.chancery.cluster.signers.LocalSignerDirectory;
import io.chancery.cluster.signers.SignerDirectory;
import io.chancery.core.config.ChanceryConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * This process as a member of a cluster: found by Hazelcast, heard over an event bus on which both sides show a
 * certificate of the cluster's own CA. Or alone: then no grid is started and no port of a bus is opened.
 *
 * @param signers as the grid knows them; alone, the one of this process
 * @param replay what the grid remembers of used tokens; alone, nothing
 */
public record ClusterMember(Vertx vertx, SignerDirectory signers, ReplayFilter replay) {
    /** How long an event loop may stand still before the log says where: whatever waits belongs elsewhere. */
    private static final long STANDSTILL_MILLIS = 1_000;

    /** A node that has no others. */
    public static ClusterMember alone() {
        return new ClusterMember(Vertx.vertx(options()), new LocalSignerDirectory(), new ForgetfulReplayFilter());
    }

    /** Fails when an address is taken or a file cannot be read. Closing the Vert.x leaves the cluster. */
    public static Future<ClusterMember> join(ChanceryConfig.Cluster cluster) {
        HazelcastClusterManager manager = new HazelcastClusterManager(HazelcastConfigs.of(cluster));
        VertxOptions options = options().setEventBusOptions(bus(cluster));
        return Vertx.builder()
                .with(options)
                .withClusterManager(manager)
                .buildClustered()
                .map(vertx -> of(vertx, manager.getHazelcastInstance()));
    }

    private static ClusterMember of(Vertx vertx, HazelcastInstance hazelcast) {
        return new ClusterMember(
                vertx, new HazelcastSignerDirectory(vertx, hazelcast), new HazelcastReplayFilter(vertx, hazelcast));
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
