package io.chancery.cluster.join;

import com.hazelcast.core.HazelcastInstance;
import io.chancery.cluster.members.NodeFacts;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A node that has just come in looks at those that were there before, and goes again if it does not belong to them. This
 * keeps out mistakes; who means harm is kept out of the bus by its certificates, and gets nothing from the grid.
 */
final class Admission {
    /** Longer than the grid takes to notice that a node of the same id has died. */
    static final Duration SAME_ID_PATIENCE = Duration.ofSeconds(15);

    private static final long AGAIN_MILLIS = 500;

    private final Vertx vertx;
    private final HazelcastInstance hazelcast;
    private final CurrentFacts current;
    private final NodeFacts own;
    private final long giveUp;

    private Admission(Vertx vertx, HazelcastInstance hazelcast, NodeFacts own, Duration patience) {
        this.vertx = vertx;
        this.hazelcast = hazelcast;
        this.current = new CurrentFacts(vertx, hazelcast);
        this.own = own;
        this.giveUp = System.nanoTime() + patience.toNanos();
    }

    /**
     * Fails with a text for people when the node does not belong there.
     *
     * @param patience how long an older node of the same id is given to be noticed as dead
     */
    static Future<Void> ask(Vertx vertx, HazelcastInstance hazelcast, NodeFacts own, Duration patience) {
        return new Admission(vertx, hazelcast, own, patience).ask();
    }

    private Future<Void> ask() {
        return current.of(MemberAttributes.older(hazelcast)).compose(this::compare);
    }

    private Future<Void> compare(List<NodeFacts> older) {
        // One of the same id may be what this node was before it died, with what it believed then.
        Optional<String> stranger = older.stream()
                .filter(node -> !node.node().equals(own.node()))
                .flatMap(node -> own.refusedBy(node).stream())
                .findFirst();
        if (stranger.isPresent()) {
            return Future.failedFuture("this node does not belong to it: " + stranger.get());
        }
        if (older.stream().noneMatch(node -> node.node().equals(own.node()))) {
            return Future.succeededFuture();
        }
        return System.nanoTime() - giveUp > 0
                ? Future.failedFuture("a node with the id " + own.node()
                        + " is in the cluster already (chancery.json#/cluster/node): each node has an id of its own")
                : vertx.timer(AGAIN_MILLIS, TimeUnit.MILLISECONDS).compose(tick -> ask());
    }
}
