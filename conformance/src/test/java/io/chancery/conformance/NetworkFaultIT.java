package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.conformance.ApiClient.Answer;
import io.chancery.testing.PostgresProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.MethodOrderer;
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
    private static final List<String> NAMES = List.of("n1", "n2", "n3");
    private static final int ROUNDS = Integer.getInteger("cluster.rounds", 1);
    private static final int CLIENTS = 3;
    private static final long PAUSE_MILLIS = 30;
    private static final int TOKENS = 50;
    private static final int ISSUED = 10;
    private static final String HAZELCAST = "5701";
    private static final String ALL_PORTS = "1-65535";
    /** A silent member is taken for dead after 10 s. */
    private static final long NOTICED_SECONDS = 40;

    private static final long WHOLE_SECONDS = 60;

    private NodeNetwork network;
    private PostgresProcess server;
    private EqualNodes nodes;
    private ClusterJudge judge;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        Optional<String> missing = NodeNetwork.missing(folder);
        if (missing.isPresent()) {
            NotRun.because("partitions of the network", missing.get());
        }
        network = NodeNetwork.make(folder, NAMES);
        server = PostgresProcess.start("listen_addresses = '127.0.0.1, " + network.gateway() + "'");
        Files.writeString(
                server.folder().resolve("data/pg_hba.conf"),
                "host all all " + network.subnet() + " trust\n",
                StandardCharsets.US_ASCII,
                StandardOpenOption.APPEND);
        String unused = server.sql("postgres", "SELECT pg_reload_conf()");
        Map<String, NodePlace> places = new LinkedHashMap<>();
        NAMES.forEach(name -> places.put(name, network.place(name)));
        String dataSource =
                server.dataSource(EqualNodes.DATABASE).replace("127.0.0.1", network.gateway());
        nodes = EqualNodes.make(
                StepPki.init(folder),
                server,
                dataSource,
                places,
                Map.of("limits", Map.of("requestDeadline", "4s")));
        judge = new ClusterJudge(nodes);
        nodes.startAll();
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

    private String cutFromDatabase() {
        return NodeNetwork.cut(List.of(network.gateway()), Integer.toString(server.port()));
    }

    private static List<String> others(String node) {
        return NAMES.stream().filter(name -> !name.equals(node)).toList();
    }

    private void awaitReached(String by, Set<String> whom) throws Exception {
        ClusterJudge.await(
                by + " reaches " + whom, NOTICED_SECONDS, () -> nodes.reachedBy(by).equals(whom));
    }

    private void awaitWhole(long since) throws Exception {
        for (String name : NAMES) {
            long left = WHOLE_SECONDS - TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - since);
            ClusterJudge.await(
                    "the grid is whole for " + name,
                    Math.max(1, left),
                    () -> nodes.reachedBy(name).equals(Set.copyOf(NAMES)));
        }
    }

    /** Offers each of 50 tokens on both sides at once: none may buy two. Answers how many bought one. */
    private int offerOnBothSides(String one, String other) throws Exception {
        ApiClient here = nodes.api(one);
        ApiClient there = nodes.api(other);
        String csr = here.csr("both.example");
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < TOKENS; i++) {
            tokens.add(here.token("both.example"));
        }
        int bought = 0;
        for (String token : tokens) {
            CompletableFuture<Answer> first = here.sign(csr, token, Map.of());
            CompletableFuture<Answer> second = there.sign(csr, token, Map.of());
            List<Integer> statuses =
                    List.of(first.get().status(), second.get().status());
            assertThat(statuses)
                    .as("one token at %s and %s", one, other)
                    .isSubsetOf(201, 401, 503)
                    .isNotEqualTo(List.of(201, 201));
            for (CompletableFuture<Answer> answer : List.of(first, second)) {
                if (answer.get().status() == 201) {
                    String unused = judge.hold(answer.get());
                    bought++;
                }
            }
        }
        return bought;
    }

    /** Each of these issues through its own port, during the fault. */
    private void issueAt(Collection<String> allowed) throws Exception {
        for (String name : allowed) {
            ApiClient api = nodes.api(name);
            String csr = api.csr("during.example");
            for (int i = 0; i < ISSUED; i++) {
                Answer answer = api.sign(csr, api.token("during.example"));
                assertThat(answer.status()).as("%s: %s", name, answer.body()).isEqualTo(201);
                String unused = judge.hold(answer);
            }
        }
    }

    private void heal(ClusterLoad load, String... which) throws Exception {
        for (String name : which) {
            network.heal(name);
        }
        long healed = System.nanoTime();
        judge.awaitEveryNodeIssues(healed);
        awaitWhole(healed);
        load.awaitMore(20, load.issued(), 60);
    }

    @Test
    void one_node_cut_from_the_grid_seen_by_one_side_first_and_then_by_both() throws Exception {
        ClusterLoad load = ClusterLoad.start(nodes, CLIENTS, PAUSE_MILLIS);
        int oneSided = 0;
        int both = 0;
        try (load) {
            load.awaitMore(20, 0, 60);
            network.set("n1", NodeNetwork.mute(addresses(others("n1")), HAZELCAST));
            awaitReached("n2", Set.of("n2", "n3"));
            assertThat(nodes.reachedBy("n1")).as("the side that hears still").isEqualTo(Set.copyOf(NAMES));
            oneSided = offerOnBothSides("n1", "n2");
            network.set("n1", NodeNetwork.cut(addresses(others("n1")), HAZELCAST));
            awaitReached("n1", Set.of("n1"));
            awaitReached("n3", Set.of("n2", "n3"));
            both = offerOnBothSides("n1", "n3");
            issueAt(NAMES);
            heal(load, "n1");
        }
        assertThat(List.of(oneSided, both)).as("tokens that bought one").isEqualTo(List.of(TOKENS, TOKENS));
        judge.judge("a node cut from the grid, one side knowing and then both", load);
    }

    @Test
    void one_node_cut_from_the_database() throws Exception {
        ClusterLoad load = ClusterLoad.start(nodes, CLIENTS, PAUSE_MILLIS);
        try (load) {
            load.awaitMore(20, 0, 60);
            network.set("n1", cutFromDatabase());
            ClusterJudge.await("n1 says that it cannot issue", NOTICED_SECONDS, () -> !nodes.canIssue("n1"));
            assertThat(nodes.canIssue("n2")).isTrue();
            assertThat(offerOnBothSides("n1", "n2")).isEqualTo(TOKENS);
            issueAt(List.of("n2", "n3"));
            ApiClient api = nodes.api("n1");
            assertThat(api.get("/roots").status()).as("what needs no store").isEqualTo(201);
            heal(load, "n1");
        }
        judge.judge("a node cut from the database", load);
    }
}
