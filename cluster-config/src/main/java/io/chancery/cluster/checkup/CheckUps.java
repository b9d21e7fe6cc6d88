package io.chancery.cluster.checkup;

import io.chancery.cluster.bus.BusAddress;
import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.members.ClusterMembers;
import io.vertx.core.Future;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What each node says of itself when another one asks, over the bus, how it is: for people who compare nodes. Nothing is
 * decided by it, and no secret is in it.
 */
public final class CheckUps {
    private static final Logger LOG = LoggerFactory.getLogger(CheckUps.class);
    /** Nobody looks at the number. */
    private static final int NO_ANSWER = 1;

    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final EventBus bus;
    private final ClusterMembers members;
    private final InstantSource clock;

    public CheckUps(EventBus bus, ClusterMembers members, InstantSource clock) {
        this.bus = bus;
        this.members = members;
        this.clock = clock;
    }

    /**
     * Lets others ask this node; succeeds when they can. The answer is begun on an event loop, always the same one, and must
     * not wait there; who asks has gone after two seconds, and of one that fails it learns at once that there is none.
     */
    public static Future<Void> answer(EventBus bus, NodeId node, Supplier<Future<JsonObject>> answer) {
        return bus.<JsonObject>consumer(BusAddress.checkUp(node), question -> {
                    var unused = answer.get().onSuccess(question::reply).onFailure(cause -> {
                        LOG.atError().setCause(cause).log("this node could not say how it is");
                        question.fail(NO_ANSWER, "no answer");
                    });
                })
                .completion();
    }

    /** Asks all that are in the grid, this node included; each has two seconds. Never fails. */
    public Future<JsonObject> ask() {
        List<Future<JsonObject>> asked = members.members().stream()
                .map(member -> ask(member.facts().node(), member.self()))
                .toList();
        return Future.join(asked).map(answered -> {
            JsonArray all = new JsonArray();
            asked.forEach(one -> all.add(one.result()));
            return new JsonObject().put("nodes", all);
        });
    }

    private Future<JsonObject> ask(NodeId node, boolean self) {
        long sent = clock.millis();
        JsonObject found = new JsonObject().put("node", node.value()).put("self", self);
        DeliveryOptions options =
                new DeliveryOptions().setSendTimeout(PATIENCE.toMillis()).setLocalOnly(self);
        return bus.<JsonObject>request(BusAddress.checkUp(node), new JsonObject(), options)
                .map(reply -> found.put("says", reply.body())
                        .put("askedAtMillis", sent)
                        .put("answeredAtMillis", clock.millis()))
                .otherwise(cause -> found.put("says", null));
    }
}
