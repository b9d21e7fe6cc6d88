package io.chancery.cluster.join;

import static org.assertj.core.api.Assertions.assertThat;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.cluster.impl.MemberImpl;
import com.hazelcast.config.Config;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent.LifecycleState;
import com.hazelcast.instance.impl.HazelcastInstanceProxy;
import com.hazelcast.map.IMap;
import io.chancery.core.config.CaConfig.HostPort;
import io.chancery.core.config.ChanceryConfig.Cluster;
import io.chancery.testing.Answers;
import io.chancery.testing.Eventually;
import io.chancery.testing.FreePorts;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Real members on this machine's loopback, with the configuration of the house. */
final class TestGrid implements AutoCloseable {
    static final long PATIENCE_SECONDS = 60;

    private final Vertx vertx;
    private final List<HazelcastInstance> members = new ArrayList<>();
    private final List<HazelcastReplayFilter> filters = new ArrayList<>();

    private TestGrid(Vertx vertx) {
        this.vertx = vertx;
    }

    static TestGrid of(Vertx vertx, int size) throws Exception {
        TestGrid grid = new TestGrid(vertx);
        int[] ports = FreePorts.take(size);
        List<String> addresses = new ArrayList<>();
        for (int port : ports) {
            addresses.add("127.0.0.1:" + port);
        }
        for (int i = 0; i < size; i++) {
            Config config = HazelcastConfigs.of(
                    new Cluster(
                            "n" + i,
                            "test-" + ports[0],
                            java.util.Optional.of("n1"),
                            addresses,
                            0,
                            new HostPort("127.0.0.1", ports[i]),
                            new HostPort("127.0.0.1", 1),
                            Path.of("bus.crt"),
                            Path.of("bus.key"),
                            Path.of("cluster-ca.crt")),
                    new MemberAddresses("127.0.0.1", addresses));
            // What a test waits for, as short as Hazelcast lets it be.
            config.setProperty("hazelcast.merge.first.run.delay.seconds", "3");
            config.setProperty("hazelcast.merge.next.run.delay.seconds", "3");
            grid.members.add(Hazelcast.newHazelcastInstance(config));
            grid.filters.add(new HazelcastReplayFilter(vertx, grid.members.get(i)));
        }
        Eventually.holds(
                "all know all",
                Duration.ofSeconds(PATIENCE_SECONDS),
                () -> grid.members.stream()
                        .allMatch(m -> m.getCluster().getMembers().size() == size));
        return grid;
    }

    HazelcastInstance member(int i) {
        return members.get(i);
    }

    HazelcastReplayFilter filter(int i) {
        return filters.get(i);
    }

    IMap<byte[], Object> map(int i) {
        return members.get(i).getMap(HazelcastConfigs.USED_TOKENS);
    }

    /** What a call answers that begins on an event loop, as a request does. */
    <T> T onLoop(java.util.function.Supplier<Future<T>> call) throws Exception {
        Promise<T> answer = Promise.promise();
        vertx.runOnContext(go -> call.get().onComplete(answer));
        return Answers.of(answer.future(), Duration.ofSeconds(PATIENCE_SECONDS));
    }

    /**
     * Cuts one member off the others: both sides believe the other one dead, until Hazelcast merges them again. Returns
     * when both sides know.
     */
    Split split(int i) throws InterruptedException {
        return split(members, i);
    }

    static Split split(List<HazelcastInstance> members, int i) throws InterruptedException {
        CountDownLatch merged = new CountDownLatch(1);
        for (HazelcastInstance one : members) { // of two parts of one size, either may join the other
            UUID unused = one.getLifecycleService().addLifecycleListener(event -> {
                if (event.getState() == LifecycleState.MERGED) {
                    merged.countDown();
                }
            });
        }
        CountDownLatch removals = new CountDownLatch(2 * (members.size() - 1));
        MembershipListener gone = new MembershipListener() {
            @Override
            public void memberAdded(MembershipEvent event) {}

            @Override
            public void memberRemoved(MembershipEvent event) {
                removals.countDown();
            }
        };
        List<UUID> listeners = members.stream()
                .map(m -> m.getCluster().addMembershipListener(gone))
                .toList();
        assertThat(listeners).hasSameSizeAs(members);
        for (HazelcastInstance one : members) {
            for (HazelcastInstance other : members) {
                if (one != other && (one == members.get(i) || other == members.get(i))) {
                    suspect(one, other);
                }
            }
        }
        assertThat(removals.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        return merged::await;
    }

    private static void suspect(HazelcastInstance one, HazelcastInstance other) {
        // One that knows already, from the oldest member, has nothing left to suspect.
        for (Member seen : one.getCluster().getMembers()) {
            if (seen.getUuid().equals(other.getLocalEndpoint().getUuid())) {
                ((HazelcastInstanceProxy) one)
                        .getOriginal()
                        .node
                        .getClusterService()
                        .suspectMember((MemberImpl) seen, "cut off by a test", true);
            }
        }
    }

    /** Waits until one sees so many members, and everything that they keep has its backup again. */
    void awaitWhole(int i, int size) throws Exception {
        Eventually.holds(
                size + " members with backups",
                Duration.ofSeconds(PATIENCE_SECONDS),
                () -> members.get(i).getCluster().getMembers().size() == size
                        && members.get(i).getPartitionService().isClusterSafe());
    }

    /** Kills one: it says goodbye to nobody. */
    void kill(int i) {
        members.get(i).getLifecycleService().terminate();
    }

    @Override
    public void close() {
        for (HazelcastInstance member : members) {
            member.getLifecycleService().terminate();
        }
    }

    /** A grid in two parts. */
    interface Split {
        /** Returns when one part has joined the other one. */
        boolean awaitMerge(long time, TimeUnit unit) throws InterruptedException;
    }
}
