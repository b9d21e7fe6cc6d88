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
 * keeps out mistakes; who means harm is kept out of the bus by its certificates, and gets nothing from the grid. Those that
 * answer over the bus have such a certificate, and count alone, or anything in the grid could keep nodes from starting.
 * Where nobody answers, as nobody does whose cluster CA this node does not have, what the grid says of them is believed.
 */
final class Admission {
    /** Longer than the grid takes to notice that a node of the same id has died. */
    static final Duration SAME_ID_PATIENCE = Duration.ofSeconds(15);

    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(2);
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
        List<NodeFacts> older = MemberAttributes.older(hazelcast);
        return answering(older)
                .compose(answering ->
                        answering.isEmpty() ? current.of(older).otherwise(older) : Future.succeededFuture(answering))
                .compose(believed -> compare(older, believed));
    }

    /** Those that answer over the bus, as they are now. */
    private Future<List<NodeFacts>> answering(List<NodeFacts> older) {
        List<Future<NodeFacts>> answers = older.stream()
                .map(NodeFacts::node)
                .distinct()
                .map(node -> HazelcastMembers.ask(vertx, own.node(), node, ANSWER_PATIENCE))
                .toList();
        return Future.join(answers)
                .transform(done -> Future.succeededFuture(answers.stream()
                        .filter(Future::succeeded)
                        .map(Future::result)
                        .toList()));
    }

    private Future<Void> compare(List<NodeFacts> older, List<NodeFacts> believed) {
        // One of the same id may be what this node was before it died, with what it believed then.
        Optional<String> stranger = believed.stream()
                .filter(node -> !node.node().equals(own.node()))
                .flatMap(node -> own.refusedBy(node).stream())
                .findFirst();
        if (stranger.isPresent()) {
            return Future.failedFuture("this node does not belong to it: " + stranger.get());
        }
        if (!hasOwnId(older)) {
            return Future.succeededFuture();
        }
        if (System.nanoTime() - giveUp <= 0) {
            return vertx.timer(AGAIN_MILLIS, TimeUnit.MILLISECONDS).compose(tick -> ask());
        }
        // One that has not died by now, and does not answer where others do, is no node.
        return hasOwnId(believed)
                ? Future.failedFuture("a node with the id " + own.node()
                        + " is in the cluster already (chancery.json#/cluster/node): each node has an id of its own")
                : Future.succeededFuture();
    }

    private boolean hasOwnId(List<NodeFacts> nodes) {
        return nodes.stream().anyMatch(node -> node.node().equals(own.node()));
    }
}
