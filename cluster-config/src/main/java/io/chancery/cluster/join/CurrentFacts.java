package io.chancery.cluster.join;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import com.hazelcast.nio.serialization.HazelcastSerializationException;
import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.members.NodeFacts;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What nodes say of themselves now, in a map of the grid: what a member says when it comes stays as it was for as long as
 * it lives, and its bus certificate may be another one by then. Any thread; nothing waits.
 */
final class CurrentFacts {
    /** A node says it again every few seconds. */
    static final int TTL_SECONDS = 30;

    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int GRID_THREADS = 2;

    private final IMap<String, @Nullable Object> map;
    private final GridWorkers grid;
    private final AtomicBoolean saying = new AtomicBoolean();
    private final AtomicBoolean asking = new AtomicBoolean();

    CurrentFacts(Vertx vertx, HazelcastInstance hazelcast) {
        this.map = hazelcast.getMap(HazelcastConfigs.NODES);
        // Not the signers': a grid that hangs keeps a thread for half a minute, and they must go on announcing
        // themselves.
        this.grid = new GridWorkers(vertx, "chancery-facts", GRID_THREADS);
    }

    /** As it stands in the map, and as a node answers who asks it how it is. */
    static JsonObject json(NodeFacts facts) {
        JsonObject texts = new JsonObject();
        facts.texts().forEach(texts::put);
        return texts;
    }

    /** Does nothing while the last time has no end yet; fails when the grid does not take it in time. */
    Future<Void> say(NodeFacts own) {
        if (!saying.compareAndSet(false, true)) {
            return Future.succeededFuture();
        }
        String text = json(own).encode();
        String key = own.node().value();
        return grid.<Void>run(() -> {
                    map.set(key, text, TTL_SECONDS, TimeUnit.SECONDS);
                    return null;
                })
                .onComplete(done -> saying.set(false))
                .timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * These nodes as they are now, each as it came where nothing of it is there. Fails when the grid does not answer in
     * time, or has not answered the last time yet.
     */
    Future<List<NodeFacts>> of(List<NodeFacts> asTheyCame) {
        if (!asking.compareAndSet(false, true)) {
            return Future.failedFuture("the grid was asked before, and has not answered yet");
        }
        return grid.<List<NodeFacts>>run(() -> {
                    List<NodeFacts> now = new ArrayList<>();
                    for (NodeFacts came : asTheyCame) {
                        now.add(now(came.node()).orElse(came));
                    }
                    return now;
                })
                .onComplete(done -> asking.set(false))
                .timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    private Optional<NodeFacts> now(NodeId node) {
        try {
            return read(map.get(node.value()), node);
        } catch (HazelcastSerializationException e) {
            return Optional.empty(); // nor is it a node's facts
        }
    }

    /** Whoever is in the grid can write here: what is no node's facts, or another node's, is passed over. */
    static Optional<NodeFacts> read(@Nullable Object found, NodeId node) {
        try {
            return found instanceof String text
                    ? NodeFacts.parse(new JsonObject(text).getMap())
                            .filter(facts -> facts.node().equals(node))
                    : Optional.empty();
        } catch (DecodeException e) {
            return Optional.empty();
        }
    }
}
