package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.conformance.ApiClient.Answer;
import io.chancery.testing.PostgresProcess;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three equal nodes, each in a network namespace, and what happens to the network between them and to their database: on
 * whichever side a token is offered, it buys one certificate, and whoever reaches the database issues.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.Random.class)
@SuppressWarnings("NullAway.Init")
class NetworkFaultIT {
    /** Each kind once, at least. */
    private static final int ROUNDS = Math.max(Kind.values().length, Integer.getInteger("cluster.rounds", 1));

    /** With a fourth one the grid falls into halves of which neither has the most. */
    private static final List<String> NAMES =
            ROUNDS > Kind.values().length ? List.of("n1", "n2", "n3", "n4") : List.of("n1", "n2", "n3");

    private static final int CLIENTS = 3;
    private static final long PAUSE_MILLIS = 30;
    private static final int TOKENS = 50;
    /** Of the tokens offered on both sides so many buy one: each has an owner, and its owner a database and a signer. */
    private static final int MOST = TOKENS / 2;

    private static final int ISSUED = 10;
    /** Where each takes about a second. */
    private static final int LINES_SHOWN = 15;

    private static final int FEW = 3;

    private static final String HAZELCAST = "5701";
    private static final String ALL_PORTS = "1-65535";
    /** A silent member is taken for dead after 10 s. */
    private static final long NOTICED_SECONDS = 40;

    private static final long SLOW_MILLIS = 50;
    /**
     * Members speak and look every 2 s, and allow 10 s of silence: the rest gives a mute part up after 8 to 12 s, and the part
     * gives the rest up so long after it was cut. Between the two there are 2 s at least, and so are there before the first.
     */
    private static final long MUTE_SECONDS = 6;

    private static final int MOST_CUTS = 4;

    private NodeNetwork network;
    private PostgresProcess server;
    private EqualNodes nodes;
    private ClusterJudge judge;
    private final Random random = new Random();
    /** Tokens that bought one while the network was cut. */
    private final List<String> used = new ArrayList<>();

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        Optional<String> missing = NodeNetwork.missing(folder);
        if (missing.isPresent()) {
            NotRun.because("partitions of the network", missing.get());
        }
        long seed = Long.getLong("kill.seed", System.nanoTime());
        random.setSeed(seed);
        System.out.println("faults of the network: seed " + seed);
        network = NodeNetwork.make(folder, NAMES);
        server = network.startServer();
        nodes = network.makeNodes(StepPki.init(folder), server, Map.of("limits", Map.of("requestDeadline", "8s")));
        judge = new ClusterJudge(nodes);
        nodes.startAll();
    }

    /** What fails in the midst of a cut must not be the next test's fault. */
    @AfterEach
    void nothingStaysCut() throws Exception {
        for (String name : NAMES) {
            network.heal(name);
        }
    }

    @AfterAll
    void everythingIsTrue() throws Exception {
        try (NodeNetwork removed = network;
                PostgresProcess stopped = server;
                EqualNodes killed = nodes) {
            if (judge != null) {
                judge.check();
            }
        }
    }

    private List<String> addresses(Collection<String> names) {
        return names.stream().map(network::address).toList();
    }

    private static List<String> others(List<String> some) {
        return NAMES.stream().filter(name -> !some.contains(name)).toList();
    }

    private void awaitGrid(Collection<String> by, Collection<String> whom) throws Exception {
        for (String name : by) {
            ClusterJudge.await(
                    name + " sees " + whom,
                    NOTICED_SECONDS,
                    () -> nodes.gridOf(name).equals(Set.copyOf(whom)));
        }
    }

    private void awaitCannotIssue(Collection<String> which) throws Exception {
        for (String name : which) {
            ClusterJudge.await(name + " says that it cannot issue", NOTICED_SECONDS, () -> !nodes.canIssue(name));
        }
    }

    /** Offers each of so many tokens on both sides at once: none may buy two. Answers how many bought one. */
    private int offerOnBothSides(String one, String other, int count) throws Exception {
        ApiClient here = nodes.api(one);
        ApiClient there = nodes.api(other);
        String csr = here.csr("both.example");
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tokens.add(here.token("both.example"));
        }
        List<CompletableFuture<Answer>> first = new ArrayList<>();
        List<CompletableFuture<Answer>> second = new ArrayList<>();
        for (String token : tokens) {
            first.add(here.sign(csr, token, Map.of()));
            second.add(there.sign(csr, token, Map.of()));
        }
        int bought = 0;
        for (int i = 0; i < count; i++) {
            String token = tokens.get(i);
            List<Answer> answers = List.of(first.get(i).get(), second.get(i).get());
            assertThat(answers.stream().map(Answer::status).toList())
                    .as("one token at %s and %s", one, other)
                    .isSubsetOf(201, 401, 503)
                    .isNotEqualTo(List.of(201, 201))
                    .isNotEqualTo(List.of(401, 401));
            for (Answer answer : answers) {
                if (answer.status() == 201) {
                    String unused = judge.holdOf(token, answer);
                    used.add(token);
                    bought++;
                }
            }
        }
        return bought;
    }

    /** Each of these issues through its own port, during the fault. */
    private void issueAt(Collection<String> allowed, int count) throws Exception {
        for (String name : allowed) {
            ApiClient api = nodes.api(name);
            String csr = api.csr("during.example");
            for (int i = 0; i < count; i++) {
                String token = api.token("during.example");
                Answer answer = ClusterJudge.offered(api, csr, token);
                assertThat(answer.status())
                        .as("%s: %s; its log: %s", name, answer.body(), lastLines(name))
                        .isEqualTo(201);
                String unused = judge.holdOf(token, answer);
            }
        }
    }

    private List<String> lastLines(String name) {
        List<String> lines = nodes.process(name).lines();
        return lines.subList(Math.max(0, lines.size() - LINES_SHOWN), lines.size());
    }

    private void heal(ClusterLoad load, Collection<String> which) throws Exception {
        for (String name : which) {
            network.heal(name);
        }
        judge.awaitRecovery();
        load.awaitMore(20, load.issued(), 60);
        whatWasBoughtOnOneSideBuysNothingOnAny();
    }

    /** Once the grids are one again, which of two memories of a token is left is the merge's to decide. */
    private void whatWasBoughtOnOneSideBuysNothingOnAny() throws Exception {
        String csr = nodes.api(NAMES.get(0)).csr("both.example");
        for (String name : NAMES) {
            ApiClient api = nodes.api(name);
            List<CompletableFuture<Answer>> answers = new ArrayList<>();
            for (String token : used) {
                answers.add(api.sign(csr, token, Map.of()));
            }
            for (int i = 0; i < used.size(); i++) {
                if (answers.get(i).get().status() == 503) { // a slow moment decides nothing
                    ClusterJudge.awaitRefused(api, csr, used.get(i));
                } else {
                    assertThat(answers.get(i).get().status())
                            .as("of a used token at %s after the merge", name)
                            .isEqualTo(401);
                }
            }
        }
        used.clear();
    }

    @Tag("long")
    @Test
    void one_node_cut_from_the_grid_seen_by_one_side_first_and_then_by_both() throws Exception {
        ClusterLoad load = ClusterLoad.start(nodes, CLIENTS, PAUSE_MILLIS);
        int oneSided = 0;
        int both = 0;
        try (load) {
            load.awaitMore(20, 0, 60);
            assertThat(cut(Kind.GRID, List.of("n1"), true))
                    .as("seen by one side")
                    .isTrue();
            oneSided = offerOnBothSides("n1", "n2", TOKENS);
            assertThat(cut(Kind.GRID, List.of("n1"), false)).isTrue();
            both = offerOnBothSides("n1", "n3", TOKENS);
            assertThat(nodes.management("n1", "/metrics").body())
                    .contains("chancery_cluster_nodes{state=\"reached\"} 1.0");
            issueAt(NAMES, ISSUED);
            heal(load, List.of("n1"));
        }
        // One that was answered 503 at its owner and 401 at the other may have bought none: its client asks again.
        assertThat(List.of(oneSided, both))
                .as("of %d tokens those that bought one", TOKENS)
                .allMatch(bought -> bought >= MOST);
        judge.judge(
                "a node cut from the grid, one side knowing and then both (of 50 tokens on both sides " + oneSided
                        + " and " + both + " bought one)",
                load);
    }

    @Test
    void partitions_of_every_kind_round_after_round() throws Exception {
        for (int i = 0; i < ROUNDS; i++) {
            Kind kind = Kind.values()[i % Kind.values().length];
            // Every second round, and each kind both ways.
            boolean oneSided = (i + i / Kind.values().length) % 2 == 0;
            List<String> part = new ArrayList<>(NAMES);
            Collections.shuffle(part, random);
            part = part.subList(0, kind == Kind.HALVES ? NAMES.size() / 2 : 1);
            round(
                    kind,
                    part,
                    oneSided,
                    "round " + (i + 1) + ": " + part + " cut, " + kind + (oneSided ? ", seen by one side" : ""));
        }
    }

    @Test
    void a_slow_network_that_loses_packets(@TempDir Path scratch) throws Exception {
        ClusterLoad load = ClusterLoad.start(nodes, CLIENTS, PAUSE_MILLIS);
        String how;
        try (load) {
            load.awaitMore(20, 0, 60);
            how = NodeNetwork.hasNetem(scratch) ? slowByNetem(load) : slowByRelays(load);
            judge.awaitRecovery();
            load.awaitMore(20, load.issued(), 60);
        }
        judge.judge("a slow network (" + 2 * SLOW_MILLIS + " ms there and back, 1 % loss, " + how + ")", load);
    }

    private void useSlowly(ClusterLoad load) throws Exception {
        for (String name : NAMES) {
            long began = System.nanoTime();
            issueAt(List.of(name), FEW);
            assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began))
                    .as("ms for %d certificates of %s, each with its way to the database and back", FEW, name)
                    .isGreaterThanOrEqualTo(FEW * 2 * SLOW_MILLIS);
        }
        // One that was answered 503 at one and 401 at the other may have bought none: its client asks again.
        assertThat(offerOnBothSides("n1", "n2", FEW))
                .as("of %d tokens those that bought one", FEW)
                .isPositive();
        load.awaitMore(20, load.issued(), 60);
    }

    /** Answers how it was done, as the next one does, for the report. */
    private String slowByNetem(ClusterLoad load) throws Exception {
        network.slow(SLOW_MILLIS);
        try {
            useSlowly(load);
            assertThat(network.droppedByNetem()).as("packets lost").isPositive();
        } finally {
            network.slow(0);
        }
        return "by netem, between nodes, to the database and to clients";
    }

    private String slowByRelays(ClusterLoad load) throws Exception {
        Map<String, SlowRelay> relays = new LinkedHashMap<>();
        try {
            relays.put(
                    "database",
                    SlowRelay.start(
                            network.gateway(),
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()),
                            SLOW_MILLIS));
            for (String name : NAMES) {
                for (int port : List.of(nodes.hazelcastPort(name), nodes.busPort(name))) {
                    InetSocketAddress target =
                            new InetSocketAddress(InetAddress.getAllByName(network.address(name))[0], port);
                    relays.put(name + ":" + port, SlowRelay.start(network.gateway(), target, SLOW_MILLIS));
                }
            }
            for (String name : NAMES) {
                // Connections that are there do not change their way.
                nodes.process(name).kill();
                network.set(name, slowly(name, relays));
            }
            nodes.startAll();
            useSlowly(load);
            long lost = 0;
            for (String name : NAMES) {
                lost += network.dropped(name);
            }
            assertThat(lost).as("packets lost").isPositive();
            for (String name : NAMES) {
                nodes.process(name).kill();
                network.heal(name);
            }
            nodes.startAll();
        } finally {
            for (SlowRelay relay : relays.values()) {
                relay.close();
            }
        }
        return "no netem on this kernel: a relay's delay and nftables' loss, between nodes and to the database";
    }

    /** Rules for one node: each way to another node and to the database is by a relay, and loses packets. */
    private String[] slowly(String name, Map<String, SlowRelay> relays) {
        List<String> chains = new ArrayList<>();
        List<String> relayPorts = new ArrayList<>();
        relays.values().forEach(relay -> relayPorts.add(Integer.toString(relay.port())));
        chains.add(network.divert(network.gateway(), server.port(), port(relays, "database")));
        for (String other : others(List.of(name))) {
            for (int port : List.of(nodes.hazelcastPort(other), nodes.busPort(other))) {
                chains.add(network.divert(network.address(other), port, port(relays, other + ":" + port)));
            }
        }
        chains.add(NodeNetwork.lose(List.of(network.gateway()), "{ " + String.join(", ", relayPorts) + " }"));
        return chains.toArray(String[]::new);
    }

    private static int port(Map<String, SlowRelay> relays, String to) {
        return Objects.requireNonNull(relays.get(to), to).port();
    }

    /** @param report what the report calls it */
    private void round(Kind kind, List<String> part, boolean oneSided, String report) throws Exception {
        ClusterLoad load = ClusterLoad.start(nodes, CLIENTS, PAUSE_MILLIS);
        try (load) {
            load.awaitMore(20, 0, 60);
            cutAndHeal(kind, part, oneSided, load);
        }
        judge.judge(report, load);
    }

    private void cutAndHeal(Kind kind, List<String> part, boolean oneSided, ClusterLoad load) throws Exception {
        for (int i = 1; !cut(kind, part, oneSided); i++) {
            assertThat(i)
                    .as("cuts of %s that both sides knew of before tokens were offered", part)
                    .isLessThan(MOST_CUTS);
            heal(load, part);
        }
        List<String> rest = others(part);
        int bought = offerOnBothSides(part.get(0), rest.get(0), TOKENS);
        assertThat(bought).as("of %d tokens those that bought one", TOKENS).isGreaterThanOrEqualTo(MOST);
        issueAt(kind.database ? rest : NAMES, ISSUED);
        for (String name : kind.database ? part : List.<String>of()) {
            ApiClient api = nodes.api(name);
            assertThat(api.sign(api.csr("away.example"), api.token("away.example"))
                            .status())
                    .as("%s without its database", name)
                    .isEqualTo(503);
            assertThat(api.get("/roots").status()).as("what needs no store").isEqualTo(201);
        }
        heal(load, part);
    }

    /**
     * Cuts a part of the nodes off, and waits until both sides know; or until the other one does and this part not yet.
     *
     * @return whether it is so at the end: on a slow machine the part, or its database, may know by then
     */
    private boolean cut(Kind kind, List<String> part, boolean oneSided) throws Exception {
        List<String> rest = others(part);
        String before = StepPki.text(server.log());
        setRules(kind, part, oneSided, oneSided);
        if (!kind.ports.isEmpty()) {
            if (oneSided) {
                awaitSeenByOneSide(kind, part, rest);
            } else {
                awaitGrid(rest, rest);
                awaitGrid(part, part);
            }
        }
        if (kind.database) {
            awaitCannotIssue(part);
            if (!oneSided) {
                awaitGivenUpByTheDatabase(part);
            }
        }
        for (String name : rest) {
            judge.awaitCanIssue(name);
        }
        if (!oneSided) {
            return true;
        }
        boolean unheard = !kind.database || believedByTheDatabase(part, before);
        return unheard && (kind.ports.isEmpty() || part.stream().allMatch(name -> believes(name, rest)));
    }

    private void setRules(Kind kind, List<String> part, boolean muteToNodes, boolean muteToDatabase) throws Exception {
        List<String> rest = addresses(others(part));
        for (String name : part) {
            List<String> chains = new ArrayList<>();
            if (!kind.ports.isEmpty()) {
                chains.add(rules(rest, kind.ports, muteToNodes));
            }
            if (kind.database) {
                chains.add(rules(List.of(network.gateway()), Integer.toString(server.port()), muteToDatabase));
            }
            network.set(name, chains.toArray(String[]::new));
        }
    }

    /** The server has ended the sessions of these nodes: what they had begun is undone, and holds no lock. */
    private void awaitGivenUpByTheDatabase(Collection<String> which) throws Exception {
        for (String name : which) {
            ClusterJudge.await(
                    "the database has given up the sessions of " + name, NOTICED_SECONDS, () -> sessions(name) == 0);
        }
    }

    /**
     * Whether the nodes know that they are cut from it, and the server does not: it has their sessions, or has ended one
     * because no statement came in a transaction, which it does after 3 s to whoever is slow.
     *
     * @param before what its log said before the cut
     */
    private boolean believedByTheDatabase(Collection<String> which, String before) throws Exception {
        String since = StepPki.text(server.log()).substring(before.length());
        for (String name : which) {
            if (sessions(name) == 0 && !since.contains("due to idle-in-transaction timeout")) {
                return false;
            }
        }
        return !since.contains("could not receive data from client");
    }

    private int sessions(String name) throws Exception {
        return Integer.parseInt(server.sql(
                "postgres", "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'chancery " + name + "'"));
    }

    /**
     * The part's heartbeats have not arrived for a while already when it, too, hears no more: the rest takes it for dead that
     * much earlier, and what they say of it does not reach it.
     */
    private void awaitSeenByOneSide(Kind kind, List<String> part, List<String> rest) throws Exception {
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(MUTE_SECONDS));
        setRules(kind, part, false, true);
        awaitGrid(rest, rest);
    }

    private boolean believes(String name, List<String> others) {
        try {
            return nodes.gridOf(name).containsAll(others);
        } catch (Exception e) {
            throw new IllegalStateException(name + " does not tell whom it sees", e);
        }
    }

    private static String rules(List<String> addresses, String ports, boolean oneSided) {
        return oneSided ? NodeNetwork.mute(addresses, ports) : NodeNetwork.cut(addresses, ports);
    }

    /** What a part of the nodes is cut from. */
    private enum Kind {
        GRID(HAZELCAST, false),
        DATABASE("", true),
        EVERYTHING(ALL_PORTS, true),
        HALVES(ALL_PORTS, false);

        /** Of the other nodes; empty for none. */
        private final String ports;

        private final boolean database;

        Kind(String ports, boolean database) {
            this.ports = ports;
            this.database = database;
        }
    }
}
