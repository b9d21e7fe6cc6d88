package io.chancery.cluster.join;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent;
import com.hazelcast.map.IMap;
import com.hazelcast.nio.serialization.HazelcastSerializationException;
import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.signers.SignerDirectory;
import io.chancery.core.certificate.KeyId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Signers make themselves known in a map of the grid, again and again; one that stops doing so is forgotten. */
final class HazelcastSignerDirectory implements SignerDirectory {
    /**
     * Longer than a grid may take to notice that a member is gone, in which a signer that is there may be unable to say so
     * again. Whoever is named here and is not there costs its clients little: they ask it every two seconds, and pass it
     * over.
     */
    static final int TTL_SECONDS = 30;

    private static final Logger LOG = LoggerFactory.getLogger(HazelcastSignerDirectory.class);
    static final long ANNOUNCE_MILLIS = 2_000;
    private static final long REFRESH_MILLIS = 500;
    private static final int GRID_THREADS = 6;
    private static final int AT_ONCE = 3;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Vertx vertx;
    /** Its keys are whatever somebody in the grid has put there. */
    private final IMap<Object, String> map;

    private final Map<Entry, Long> timers = new ConcurrentHashMap<>();
    /** How often each is being announced at this moment. */
    private final Map<Entry, Integer> underWay = new ConcurrentHashMap<>();

    private final GridWorkers grid;

    /** Refreshes under way, how many have begun, and the youngest whose answer is known; of the timer's context alone. */
    private int refreshing;

    private long refreshes;
    private long answered;
    private long lastBegun = System.nanoTime();
    private volatile Map<KeyId, Set<NodeId>> known = Map.of();

    HazelcastSignerDirectory(Vertx vertx, HazelcastInstance hazelcast) {
        this.vertx = vertx;
        this.map = hazelcast.getMap(HazelcastConfigs.SIGNERS);
        this.grid = new GridWorkers(vertx, "chancery-grid", GRID_THREADS);
        long unused = vertx.setPeriodic(1, REFRESH_MILLIS, tick -> refresh());
        UUID unusedListener = hazelcast.getLifecycleService().addLifecycleListener(event -> {
            if (event.getState() == LifecycleEvent.LifecycleState.MERGED) {
                // What this part of a split grid knew may be gone: the others are told anew, at once.
                timers.keySet().forEach(this::again);
            }
        });
    }

    private static void notAnnounced(Throwable cause) {
        if (!GridWorkers.closing(cause)) {
            LOG.atWarn().addKeyValue("reason", cause.getMessage()).log("this signer was not announced");
        }
    }

    /**
     * One at a time, unless one hangs: a call into a grid that is changing may, for half a minute, and must not make this
     * node blind for as long.
     */
    private void refresh() {
        long now = System.nanoTime();
        boolean waits = refreshing > 0 && now - lastBegun < PATIENCE_NANOS;
        if (waits || refreshing == GRID_THREADS - 1) { // one is left for what announces
            return;
        }
        refreshing++;
        lastBegun = now;
        long number = ++refreshes;
        grid.run(this::read)
                .onComplete(done -> refreshing--)
                .onSuccess(found -> {
                    if (number > answered) {
                        answered = number;
                        known = found;
                    }
                })
                .onFailure(HazelcastSignerDirectory::notKnownAnew);
    }

    private static void notKnownAnew(Throwable cause) {
        if (!GridWorkers.closing(cause)) {
            LOG.atWarn().addKeyValue("reason", cause.getMessage()).log("the signers are not known anew");
        }
    }

    /**
     * What this node announces it knows of itself: a grid that loses or delays that must not keep it from its own signer.
     * All of it here, off the event loops: how much there is, somebody else may
     * decide.
     */
    private Map<KeyId, Set<NodeId>> read() {
        Map<KeyId, Set<NodeId>> found = new HashMap<>();
        Set<Entry> all = new HashSet<>(timers.keySet());
        Iterator<Object> told = map.keySet().iterator();
        while (told.hasNext()) {
            next(told).ifPresent(all::add);
        }
        for (Entry entry : all) {
            boolean unused =
                    found.computeIfAbsent(entry.key(), first -> new HashSet<>()).add(entry.node());
        }
        found.replaceAll((key, nodes) -> Collections.unmodifiableSet(nodes));
        return found;
    }

    /** Whoever is in the grid can write there: what is no text, or may not be deserialised, keeps nobody else from being known. */
    private static Optional<Entry> next(Iterator<Object> told) {
        try { // each is deserialised when its turn comes
            return told.next() instanceof String text ? Entry.parse(text) : Optional.empty();
        } catch (HazelcastSerializationException e) {
            LOG.atDebug().log("an entry that may not be deserialised");
            return Optional.empty();
        }
    }

    @Override
    public Future<Void> announce(KeyId key, NodeId node) {
        Entry entry = new Entry(key, node);
        long timer = vertx.setPeriodic(ANNOUNCE_MILLIS, tick -> again(entry));
        Long before = timers.put(entry, timer);
        if (before != null) {
            boolean unused = vertx.cancelTimer(before);
        }
        return put(entry);
    }

    /** One call that hangs must not keep the next from being made; behind several, the same is not said without an end. */
    private void again(Entry entry) {
        if (underWay.merge(entry, 1, Integer::sum) <= AT_ONCE) {
            put(entry).onComplete(done -> ended(entry)).onFailure(HazelcastSignerDirectory::notAnnounced);
        } else {
            ended(entry);
        }
    }

    private void ended(Entry entry) {
        Integer unused = underWay.computeIfPresent(entry, (same, count) -> count > 1 ? count - 1 : null);
    }

    private Future<Void> put(Entry entry) {
        return grid.run(() -> {
            map.set(entry.text(), "", TTL_SECONDS, TimeUnit.SECONDS);
            return null;
        });
    }

    @Override
    public Future<Void> withdraw(KeyId key, NodeId node) {
        Long timer = timers.remove(new Entry(key, node));
        if (timer != null) {
            boolean unused = vertx.cancelTimer(timer);
        }
        return grid.run(() -> {
            map.delete(new Entry(key, node).text());
            return null;
        });
    }

    /** What this node announces it knows of itself: a grid that loses or delays that must not keep it from its own signer. */
    @Override
    public Set<NodeId> signers(KeyId key) {
        Set<NodeId> told = known.getOrDefault(key, Set.of());
        List<NodeId> own = timers.keySet().stream()
                .filter(entry -> entry.key().equals(key) && !told.contains(entry.node()))
                .map(Entry::node)
                .toList();
        if (own.isEmpty()) {
            return told;
        }
        Set<NodeId> both = new HashSet<>(told); // just announced: the next look at the grid brings it
        both.addAll(own);
        return both;
    }

    /** What stands in the map. */
    private record Entry(KeyId key, NodeId node) {
        private static final int LONGEST = 127;

        String text() {
            return key.value() + "/" + node.value();
        }

        /** Whoever is in the grid can write there: what is not a node's id is passed over. */
        static Optional<Entry> parse(String text) {
            int slash = text.indexOf('/');
            if (slash < 0 || text.length() > LONGEST) {
                return Optional.empty();
            }
            try {
                return Optional.of(
                        new Entry(new KeyId(text.substring(0, slash)), new NodeId(text.substring(slash + 1))));
            } catch (IllegalArgumentException e) {
                LOG.atDebug().log("an entry that names no node");
                return Optional.empty();
            }
        }
    }
}
