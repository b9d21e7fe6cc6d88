package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.conformance.ApiClient.Answer;
import io.chancery.testing.PostgresProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
 * Three equal nodes under load, and what happens to nodes and database: nothing that a client holds is lost, no token
 * buys two, and every node issues again within seconds of a fault's end.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.Random.class)
@SuppressWarnings("NullAway.Init")
class ClusterFaultIT {
    private static final int CLIENTS = 6;
    private static final int KILLS = Integer.getInteger("cluster.kills", 3);
    private static final int RESTARTS = Integer.getInteger("cluster.restarts", 1);
    private static final int ISSUED_BETWEEN_KILLS = 20;
    /** So many find requests at several steps. */
    private static final int MANY_KILLS = 50;
    /** Of a kill the others know nothing when the next one comes; after so many the grid must have become whole. */
    private static final int KILLS_UNTIL_WHOLE = 10;

    private static final int LEAST_STEPS = 3;
    /** For each kill that hits a request. */
    private static final int MOST_TRIES = 4;

    private static final int MANY_CLIENTS = 120;
    private static final int HUNDRED = 100;

    private PostgresProcess server;
    private EqualNodes nodes;
    private ClusterBalancer balancer;
    private ClusterJudge judge;
    private final Random random = new Random();

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        long seed = Long.getLong("kill.seed", System.nanoTime());
        random.setSeed(seed);
        System.out.println("cluster faults: seed " + seed);
        server = PostgresProcess.start();
        // So that a repeat may take a row up soon.
        nodes = EqualNodes.make(StepPki.init(folder), server, 3, Map.of("limits", Map.of("requestDeadline", "4s")));
        balancer = ClusterBalancer.before(nodes, folder);
        judge = new ClusterJudge(nodes);
        nodes.startAll();
        balancer.awaitNode();
    }

    @AfterAll
    void everythingIsTrue() throws Exception {
        try (PostgresProcess stopped = server;
                EqualNodes killed = nodes;
                ClusterBalancer ended = balancer) {
            judge.check();
        }
    }

    private List<String> ready() {
        return nodes.names().stream()
                .filter(name -> nodes.process(name).isReady())
                .toList();
    }

    @Test
    void kill_9_of_any_node_at_any_moment() throws Exception {
        ClusterLoad load = ClusterLoad.start(nodes, CLIENTS / 2);
        ClusterLoad balanced = ClusterLoad.startBehind(balancer, nodes, CLIENTS / 2);
        Landings landings = new Landings();
        int inFlight = 0;
        int kills = 0;
        try (load;
                balanced) {
            load.awaitMore(ISSUED_BETWEEN_KILLS, 0, 60);
            for (int hit = 0; hit < KILLS; kills++) {
                assertThat(kills)
                        .as("kills, of which %d hit requests that no node had answered", hit)
                        .isLessThan(MOST_TRIES * KILLS);
                int before = load.issued();
                load.awaitMore(ISSUED_BETWEEN_KILLS, before, 60);
                ClusterJudge.await("two nodes ready", 120, () -> ready().size() >= 2);
                List<String> ready = ready();
                // The one that was killed before is one of them by now, or will be.
                judge.awaitIssuing(ready, System.nanoTime());
                String victim = ready.get(random.nextInt(ready.size()));
                ClusterJudge.awaitBusily("a request in flight at " + victim, 60, () -> load.inFlight(victim) > 0);
                int flew = load.inFlight(victim);
                List<ClusterLoad.Request> flying = load.firstInFlight(victim);
                nodes.process(victim).kill();
                long killed = System.nanoTime();
                if (landings.add(nodes, flying) > 0) { // others were answered between the look and the kill
                    hit++;
                    inFlight += flew;
                }
                ChanceryProcess unused = nodes.start(victim);
                judge.awaitIssuing(ready(), killed);
                if (kills % KILLS_UNTIL_WHOLE == 0) {
                    awaitAllWhole();
                }
            }
            awaitAllWhole();
            balanced.awaitMore(ISSUED_BETWEEN_KILLS, balanced.issued(), 60);
        }
        // A repeat is answered 503 for as long as the killed node's request could still be at work.
        assertThat(balanced.failures().withKey())
                .as(
                        "requests behind HAProxy with a key that failed though repeated once, of %d clients at %d kills: %s",
                        CLIENTS / 2, kills, balanced.requests())
                .isLessThanOrEqualTo(kills * (CLIENTS / 2));
        judge.judge(kills + " kills -9 behind HAProxy", balanced);
        judge.judge(
                kills + " kills -9 with " + inFlight + " requests in flight, which had come to " + landings.counted(),
                load);
        if (KILLS >= MANY_KILLS) {
            assertThat(landings.counted().keySet())
                    .as("steps at which requests died")
                    .filteredOn(step -> step != Landing.GIVEN_UP && step != Landing.ANSWERED)
                    .hasSizeGreaterThanOrEqualTo(LEAST_STEPS);
        }
    }

    private void awaitAllWhole() throws Exception {
        for (String name : nodes.names()) {
            String unused = nodes.process(name).awaitReady();
        }
        judge.awaitRecovery();
    }

    @Test
    void the_database_killed_and_started_again() throws Exception {
        ClusterLoad load = ClusterLoad.start(nodes, CLIENTS);
        try (load) {
            for (int i = 0; i < RESTARTS; i++) {
                load.awaitMore(20, load.issued(), 60);
                server.kill();
                int before = load.issued();
                nobodyIssues();
                everyNodeSaysWhy("the store cannot be written: the server cannot be reached");
                assertThat(load.issued() - before)
                        .as("issued while the database was away")
                        .isLessThan(CLIENTS);
                server.startAgain();
                judge.awaitRecovery();
                load.awaitMore(20, load.issued(), 60);
            }
        }
        judge.judge(RESTARTS + " kills of the database", load);
    }

    @Tag("long")
    @Test
    void the_database_restarted_in_an_orderly_way() throws Exception {
        ClusterLoad load = ClusterLoad.start(nodes, CLIENTS);
        try (load) {
            for (int i = 0; i < RESTARTS; i++) {
                load.awaitMore(20, load.issued(), 60);
                server.stop();
                nobodyIssues();
                server.startAgain();
                judge.awaitRecovery();
                load.awaitMore(20, load.issued(), 60);
            }
        }
        judge.judge(RESTARTS + " orderly restarts of the database", load);
    }

    @Test
    void a_database_that_takes_no_writes_for_a_while() throws Exception {
        ClusterLoad load = ClusterLoad.start(nodes, CLIENTS);
        try (load) {
            for (int i = 0; i < RESTARTS; i++) {
                load.awaitMore(20, load.issued(), 60);
                server.set("default_transaction_read_only", "on");
                String unused = server.sql(
                        EqualNodes.DATABASE,
                        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'chancery %'");
                nobodyIssues();
                everyNodeSaysWhy("read only");
                server.reset("default_transaction_read_only");
                judge.awaitRecovery();
                load.awaitMore(20, load.issued(), 60);
            }
        }
        judge.judge(RESTARTS + " times a read-only database", load);
    }

    /** A test that failed in the middle of its fault must not fail the others. */
    @AfterEach
    void theDatabaseRuns() throws Exception {
        if (!server.isAlive()) {
            server.startAgain();
        }
        server.reset("default_transaction_read_only");
    }

    private void everyNodeSaysWhy(String reason) throws Exception {
        for (String node : nodes.names()) {
            ClusterJudge.await(
                    node + " says why it cannot issue",
                    30,
                    () -> nodes.management(node, "/can-issue").body().contains(reason));
            Answer health = nodes.api(node).get("/health");
            assertThat(health.status()).isEqualTo(503);
            assertThat(health.body()).contains("the store is not available");
        }
    }

    /** What needs no writes is served all the same. */
    private void nobodyIssues() throws Exception {
        for (String node : nodes.names()) {
            ApiClient api = nodes.api(node);
            ApiClient.Answer answer = api.sign(api.csr("away.example"), api.token("away.example"));
            assertThat(answer.status())
                    .as("%s without a database that it can write: %s", node, answer.body())
                    .isEqualTo(503);
            assertThat(answer.header("Retry-After")).isNotEmpty();
            assertThat(api.get("/roots").status()).as("roots of %s", node).isEqualTo(201);
            assertThat(api.get("/provisioners").status())
                    .as("provisioners of %s", node)
                    .isEqualTo(200);
        }
    }

    @Test
    void all_nodes_restarted_at_once_with_tokens_that_are_used_and_not_expired() throws Exception {
        ApiClient api = nodes.api("n1");
        String csr = api.csr("used.example");
        String token = api.token("used.example");
        ClusterLoad load = ClusterLoad.start(nodes, CLIENTS);
        try (load) {
            load.awaitMore(40, 0, 60);
            String unusedSerial = judge.hold(ClusterJudge.offered(api, csr, token));
            for (String name : nodes.names()) {
                nodes.process(name).kill();
            }
            for (String name : nodes.names()) {
                ChanceryProcess unused = nodes.start(name);
            }
            // Each as soon as it is ready, whether or not the others are.
            for (String name : nodes.names()) {
                String unused = nodes.process(name).awaitReady();
                judge.awaitIssuing(List.of(name), System.nanoTime());
            }
            judge.awaitWhole(System.nanoTime());
            load.awaitMore(20, load.issued(), 60);
        }
        ClusterJudge.await(
                "the new grid knows the used tokens",
                60,
                () -> nodes.names().stream()
                        .anyMatch(name -> nodes.process(name).lines().stream()
                                .anyMatch(line -> line.contains("the grid knows the used tokens"))));
        try {
            server.pause();
            for (String name : nodes.names()) {
                ClusterJudge.awaitRefused(nodes.api(name), csr, token);
            }
        } finally {
            server.resume();
        }
        judge.awaitEveryNodeIssues(System.nanoTime());
        judge.judge("all nodes killed at once", load);
    }

    @Test
    void a_rolling_restart_costs_a_client_that_repeats_once_nothing_with_and_without_a_balancer() throws Exception {
        ClusterLoad load = ClusterLoad.start(nodes, CLIENTS / 2);
        ClusterLoad balanced = ClusterLoad.startBehind(balancer, nodes, CLIENTS / 2);
        try (load;
                balanced) {
            load.awaitMore(20, 0, 60);
            for (String name : nodes.names()) {
                // The one repeat needs another node that can issue.
                for (String each : nodes.names()) {
                    judge.awaitCanIssue(each);
                }
                nodes.process(name).close();
                String unused = nodes.start(name).awaitReady();
                long ready = System.nanoTime();
                judge.awaitIssuing(List.of(name), ready);
                judge.awaitWhole(ready);
                judge.awaitCanIssue(name);
                load.awaitMore(10, load.issued(), 60);
                balanced.awaitMore(10, balanced.issued(), 60);
            }
        }
        for (ClusterLoad each : List.of(load, balanced)) {
            assertThat(each.failures().withKey())
                    .as("requests with a key that failed though repeated once: %s", each.requests())
                    .isZero();
        }
        judge.judge("a rolling restart", load);
        judge.judge("a rolling restart behind HAProxy", balanced);
    }

    /** One node has the API alone for a while: what it asks another one to sign is what that takes with it. */
    @Test
    void a_signer_killed_with_a_hundred_requests_in_flight_at_a_node_that_has_none() throws Exception {
        nodes.process("n1").kill();
        String unusedReady = nodes.start("n1", "api").awaitReady();
        String victim = signerOfTheFirst();
        long signed = signed(victim);
        ClusterLoad load = ClusterLoad.startAt(nodes, List.of("n1"), MANY_CLIENTS);
        int inFlight;
        long killed;
        try (load) {
            ClusterJudge.await(
                    "a hundred requests in flight, and the first ones signed",
                    60,
                    () -> load.inFlight("n1") >= HUNDRED && signed(victim) > signed);
            inFlight = load.inFlight("n1");
            nodes.process(victim).kill();
            killed = System.nanoTime();
        }
        judge.awaitIssuing(List.of("n1"), killed); // by the other one
        nodes.process("n1").kill();
        for (String name : List.of("n1", victim)) {
            ChanceryProcess unused = nodes.start(name);
        }
        for (String name : List.of("n1", victim)) {
            unusedReady = nodes.process(name).awaitReady();
        }
        judge.awaitRecovery();
        judge.judge("a signer killed with " + inFlight + " requests in flight", load);
    }

    /** Which of the others signs for it: it stays with the one that has. */
    private String signerOfTheFirst() throws Exception {
        long before = signed("n2");
        judge.awaitIssuing(List.of("n1"), System.nanoTime());
        return signed("n2") > before ? "n2" : "n3";
    }

    private long signed(String node) throws Exception {
        return Files.size(nodes.file(node, "signatures.log"));
    }
}
