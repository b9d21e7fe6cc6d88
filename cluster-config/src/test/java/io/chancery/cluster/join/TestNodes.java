package io.chancery.cluster.join;

import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.ca.ClusterCa;
import io.chancery.cluster.members.ClusterIdentity;
import io.chancery.cluster.members.NodeFacts;
import io.chancery.cluster.mtls.BusIdentity;
import io.chancery.core.config.CaConfig.HostPort;
import io.chancery.core.config.ChanceryConfig.Cluster;
import io.chancery.core.der.Sha256;
import io.chancery.testing.Answers;
import io.chancery.testing.FreePorts;
import io.vertx.core.Future;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Whole members, bus and all, in this process; each with files as {@code chancery cluster init} makes them. */
final class TestNodes implements AutoCloseable {
    static final Sha256 ROOTS = Sha256.digest(new byte[] {1});
    static final HazelcastMembers.Pace QUICK =
            new HazelcastMembers.Pace(Duration.ofMillis(200), Duration.ofSeconds(3), Duration.ofSeconds(30));
    private static final Duration SAME_ID = Duration.ofSeconds(2);

    private final Path folder;
    private final int[] ports;
    private final List<ClusterMember> joined = new ArrayList<>();

    TestNodes(Path folder, int places) throws Exception {
        this.folder = folder;
        this.ports = FreePorts.take(2 * places);
    }

    static ClusterCa newCa() throws Exception {
        return ClusterCa.create("test", Instant.now().minusSeconds(60), new SecureRandom());
    }

    /** @param place which of the addresses is this node's, from 0 */
    Cluster files(String id, int place, ClusterCa ca) throws Exception {
        return files(id, place, ca, "127.0.0.1");
    }

    /** @param host where its Hazelcast listens, and where the others are looked for */
    Cluster files(String id, int place, ClusterCa ca, String host) throws Exception {
        Path own = Files.createTempDirectory(folder, id);
        ClusterCa.NodeIdentity identity = ca.issue(id, "127.0.0.1");
        Files.writeString(own.resolve("bus.crt"), identity.certificatePem());
        Files.writeString(own.resolve("bus.key"), identity.keyPem());
        Files.writeString(own.resolve("cluster-ca.crt"), ca.certificatePem());
        List<String> members = new ArrayList<>();
        for (int i = 0; i < ports.length; i += 2) {
            members.add((host.contains(":") ? "[" + host + "]:" : "localhost:") + ports[i]);
        }
        return new Cluster(
                id,
                "test-" + ports[0],
                java.util.Optional.of(id),
                members,
                0,
                new HostPort(host, ports[2 * place]),
                new HostPort("127.0.0.1", ports[2 * place + 1]),
                own.resolve("bus.crt"),
                own.resolve("bus.key"),
                own.resolve("cluster-ca.crt"));
    }

    /** What a node says that was set up rightly. */
    static NodeFacts facts(Cluster cluster, Sha256 roots) throws Exception {
        BusIdentity bus = BusIdentity.read(cluster);
        return new NodeFacts(
                new NodeId(cluster.node()),
                new ClusterIdentity(roots, bus.issuer(), bus.trusted()),
                "1.2.3",
                "all",
                List.of(),
                new NodeFacts.Files(Sha256.digest(), Sha256.digest()));
    }

    private Future<ClusterMember> joining(Cluster cluster, NodeFacts facts) {
        return joining(cluster, facts, SAME_ID);
    }

    /** @param sameId how long it waits for another node of its id to go */
    Future<ClusterMember> joining(Cluster cluster, NodeFacts facts, Duration sameId) {
        return ClusterMember.join(cluster, facts, sameId, QUICK);
    }

    ClusterMember join(Cluster cluster, NodeFacts facts) throws Exception {
        ClusterMember member = await(joining(cluster, facts));
        joined.add(member);
        return member;
    }

    static <T> T await(Future<T> future) throws Exception {
        return Answers.of(future, Duration.ofSeconds(TestGrid.PATIENCE_SECONDS));
    }

    /** Why a node is not let in. */
    String refusal(Cluster cluster, NodeFacts facts) throws Exception {
        return await(joining(cluster, facts)
                .map(member -> {
                    joined.add(member);
                    return "let in";
                })
                .otherwise(Throwable::getMessage));
    }

    @Override
    public void close() throws Exception {
        for (ClusterMember member : joined) {
            await(member.vertx().close());
        }
    }
}
