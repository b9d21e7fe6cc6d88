package io.chancery.cluster.join;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent;
import io.chancery.cluster.bus.BusAddress;
import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.members.ClusterIdentity;
import io.chancery.cluster.members.ClusterMembers;
import io.chancery.cluster.members.NodeFacts;
import io.chancery.core.certificate.KeyId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The members of the grid, and whether they hear each other over the bus: each one asks each other one every two seconds
 * how it is. A node that is not asked is one that nobody reaches.
 */
final class HazelcastMembers implements ClusterMembers {
    private static final Logger LOG = LoggerFactory.getLogger(HazelcastMembers.class);

    private final Vertx vertx;
    private final HazelcastInstance hazelcast;
    private final CurrentFacts current;
    private final Hearing hearing;
    private final List<Runnable> deafForGood = new CopyOnWriteArrayList<>();
    private final Map<NodeId, Answer> answers = new ConcurrentHashMap<>();
    /** Those that did not answer the last question. */
    private final Set<NodeId> silent = ConcurrentHashMap.newKeySet();

    private volatile NodeFacts own;
    private volatile boolean saidDeaf;
    private volatile boolean saidMajority;
    private volatile List<String> strangers = List.of();

    private HazelcastMembers(Vertx vertx, HazelcastInstance hazelcast, NodeFacts own, Hearing hearing) {
        this.vertx = vertx;
        this.hazelcast = hazelcast;
        this.current = new CurrentFacts(vertx, hazelcast);
        this.own = own;
        this.hearing = hearing;
    }

    /** Succeeds when the others can ask this node. */
    static Future<HazelcastMembers> start(Vertx vertx, HazelcastInstance hazelcast, NodeFacts own, Pace pace) {
        HazelcastMembers members = new HazelcastMembers(vertx, hazelcast, own, new Hearing(pace, System.nanoTime()));
        UUID unused = hazelcast.getLifecycleService().addLifecycleListener(members::stateChanged);
        long unusedTimer = vertx.setPeriodic(pace.every().toMillis(), tick -> members.look(pace.every()));
        return vertx.eventBus()
                .<JsonObject>consumer(BusAddress.node(own.node()), question -> {
                    members.hearing.heard(System.nanoTime());
                    question.reply(CurrentFacts.json(members.own));
                })
                .completion()
                .map(members)
                .onSuccess(reachable -> members.look(pace.every())); // not only after the first pause
    }

    /** How it is; who is asked looks at none of it yet. */
    static JsonObject question(NodeId from) {
        return new JsonObject().put("from", from.value());
    }

    /**
     * How a node is, from itself: whoever is in the grid can say anything of it, and only who has a bus certificate answers
     * here. Fails when it does not answer in time, or with what are no facts of this node.
     */
    static Future<NodeFacts> ask(Vertx vertx, NodeId from, NodeId node, Duration patience) {
        return vertx.eventBus()
                .<JsonObject>request(
                        BusAddress.node(node),
                        question(from),
                        new DeliveryOptions().setSendTimeout(patience.toMillis()))
                .map(reply -> NodeFacts.parse(reply.body().getMap())
                        .filter(facts -> facts.node().equals(node))
                        .orElseThrow(() -> new IllegalArgumentException("no facts of node " + node)));
    }

    private void stateChanged(LifecycleEvent event) {
        if (event.getState() == LifecycleEvent.LifecycleState.MERGED) {
            hearing.merged(System.nanoTime());
            LOG.atWarn().log("this part of a split grid has joined the other one again");
        }
    }

    private void look(Duration patience) {
        if (!hazelcast.getLifecycleService().isRunning()) {
            return;
        }
        current.say(own)
                .onFailure(cause -> LOG.atDebug().setCause(cause).log("the grid did not take this node's facts"));
        List<NodeFacts> others = MemberAttributes.others(hazelcast);
        Set<NodeId> there = others.stream().map(NodeFacts::node).collect(Collectors.toSet());
        answers.keySet().retainAll(there);
        silent.retainAll(there);
        others.forEach(other -> ask(other.node(), patience));
        sayStrangers(others);
        sayMajority();
        hearing.peers(others.size(), System.nanoTime());
        Optional<String> deaf = deaf();
        if (deaf.isPresent() != saidDeaf) {
            saidDeaf = deaf.isPresent();
            if (saidDeaf) {
                LOG.atError().addKeyValue("alarm", true).log(deaf.get());
            } else {
                LOG.atInfo().log("other nodes reach this one over the bus");
            }
        }
        if (hearing.deafSinceMerge(System.nanoTime())) {
            deafForGood.forEach(Runnable::run);
        }
    }

    private void ask(NodeId node, Duration patience) {
        long began = System.nanoTime();
        ask(vertx, own.node(), node, patience)
                .onSuccess(facts -> {
                    answers.put(node, new Answer(facts, Duration.ofNanos(System.nanoTime() - began)));
                    silent.remove(node);
                })
                .onFailure(cause -> {
                    answers.remove(node);
                    silent.add(node);
                });
    }

    /** Once, until it is no longer so. */
    private void sayMajority() {
        Optional<String> found = HazelcastConfigs.tooSmallMajority(
                hazelcast.getConfig(), hazelcast.getCluster().getMembers().size());
        if (found.isPresent() && !saidMajority) {
            LOG.atWarn().log(found.get());
        }
        saidMajority = found.isPresent();
    }

    /**
     * A node that came in while both sides of a split were apart was not looked at by those of the other side. Said of what
     * nodes are now: by its answer, or by the grid; one that has been given another bus certificate since it came is none.
     */
    private void sayStrangers(List<NodeFacts> others) {
        List<NodeFacts> unheard = others.stream()
                .filter(other -> !answers.containsKey(other.node()))
                .toList();
        (unheard.isEmpty() ? Future.succeededFuture(unheard) : current.of(unheard))
                .onSuccess(told -> {
                    Map<NodeId, NodeFacts> now = new HashMap<>();
                    told.forEach(facts -> now.put(facts.node(), facts));
                    answers.forEach((node, answer) -> now.put(node, answer.facts()));
                    sayStrangers(others, now);
                })
                .onFailure(cause -> LOG.atDebug().setCause(cause).log("the grid does not say what nodes are now"));
    }

    private void sayStrangers(List<NodeFacts> others, Map<NodeId, NodeFacts> now) {
        List<String> found = others.stream()
                .flatMap(other -> Optional.ofNullable(now.get(other.node())).stream())
                .flatMap(other -> other.node().equals(own.node())
                        ? Optional.of("another node has this node's id").stream()
                        : own.refusedBy(other).stream())
                .toList();
        if (!found.equals(strangers)) {
            strangers = found;
            found.forEach(text -> LOG.atError().addKeyValue("alarm", true).log(text));
        }
    }

    @Override
    public List<Member> members() {
        List<Member> all = new ArrayList<>();
        all.add(new Member(own, true, Optional.empty()));
        if (hazelcast.getLifecycleService().isRunning()) {
            for (NodeFacts other : MemberAttributes.others(hazelcast)) {
                Optional<Answer> answer = Optional.ofNullable(answers.get(other.node()));
                all.add(new Member(answer.map(Answer::facts).orElse(other), false, answer.map(Answer::roundTrip)));
            }
        }
        all.sort(Comparator.comparing(member -> member.facts().node().value()));
        return List.copyOf(all);
    }

    @Override
    public Keeper keeper() {
        return hazelcast.getLifecycleService().isRunning()
                        && hazelcast.getCluster().getMembers().size()
                                >= HazelcastConfigs.majority(hazelcast.getConfig())
                ? MemberAttributes.oldestWithStore(
                        hazelcast, other -> !other.equals(own.node()) && !silent.contains(other))
                : Keeper.NOBODY;
    }

    @Override
    public Optional<String> deaf() {
        return hearing.deaf(System.nanoTime());
    }

    @Override
    public synchronized void inForce(NodeFacts.Files files, List<KeyId> keys) {
        own = own.withFiles(files, keys);
    }

    @Override
    public synchronized void identityInForce(ClusterIdentity identity) {
        own = own.withIdentity(identity);
    }

    @Override
    public void whenDeafForGood(Runnable action) {
        deafForGood.add(action);
    }

    /** Each member is asked to tell what it sees of that, which may take its time. */
    @Override
    public void whenForgotten(Runnable action) {
        vertx.executeBlocking(() -> hazelcast.getPartitionService().addPartitionLostListener(event -> {
                    if (event.getLostBackupCount() >= HazelcastConfigs.BACKUPS) {
                        action.run();
                    }
                }))
                .onFailure(cause -> LOG.atWarn()
                        .addKeyValue("reason", cause.getMessage())
                        .log("the grid will not say when members take used tokens with them"));
    }

    /**
     * @param every how often each other node is asked, and how long it may take to answer
     * @param deaf how long nobody may have asked before this node says that it is deaf; longer than a dead node stays in
     *     the grid
     * @param forGood how long after a merge it must be so to be taken as lasting
     */
    record Pace(Duration every, Duration deaf, Duration forGood) {
        static final Pace USUAL = new Pace(Duration.ofSeconds(2), Duration.ofSeconds(15), Duration.ofSeconds(30));
    }

    private record Answer(NodeFacts facts, Duration roundTrip) {}
}
