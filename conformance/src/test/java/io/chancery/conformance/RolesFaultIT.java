package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.conformance.ApiClient.Answer;
import io.chancery.testing.Eventually;
import io.chancery.testing.PostgresProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
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

/** Two nodes with the API and two signers, under the load of hundreds of clients, on a database whose disk is small. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.Random.class)
@SuppressWarnings("NullAway.Init")
class RolesFaultIT {
    private static final List<String> SIGNERS = List.of("s1", "s2");
    private static final int ROUNDS = Integer.getInteger("cluster.restarts", 1);
    private static final int MANY_CLIENTS = 400;
    private static final int IN_FLIGHT = 200;
    private static final int CLIENTS = 4;
    private static final int TRIES = 200;

    private Optional<SmallDisk> disk = Optional.empty();
    private PostgresProcess server;
    private EqualNodes nodes;
    private ClusterJudge judge;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        disk = SmallDisk.mount(folder);
        server = disk.isPresent() ? PostgresProcess.startIn(disk.get().folder()) : PostgresProcess.start();
        Map<String, NodePlace> places = new LinkedHashMap<>();
        EqualNodes.onLoopback(4)
                .forEach((name, place) -> places.put(
                        Map.of("n1", "a1", "n2", "a2", "n3", "s1", "n4", "s2").getOrDefault(name, name), place));
        nodes = EqualNodes.make(
                StepPki.init(folder),
                server,
                server.dataSource(EqualNodes.DATABASE),
                places,
                Map.of("limits", Map.of("requestDeadline", "6s")));
        judge = new ClusterJudge(nodes);
        for (String name : nodes.names()) {
            startNode(name);
        }
        for (String name : nodes.names()) {
            String unused = nodes.process(name).awaitReady();
        }
    }

    private void startNode(String name) throws Exception {
        ChanceryProcess unused = nodes.start(name, SIGNERS.contains(name) ? "signer" : "api");
    }

    @AfterAll
    void everythingIsTrue() throws Exception {
        try (EqualNodes killed = nodes) {
            judge.check();
        } finally {
            server.close();
            disk.ifPresent(SmallDisk::close);
        }
    }

    private static void pause(long millis) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    /** The signer that has signed most within a moment: the one whose loss is felt. */
    private String busiest() throws Exception {
        long[] before = {size("s1"), size("s2")};
        pause(100);
        return size("s1") - before[0] > size("s2") - before[1] ? "s1" : "s2";
    }

    private long size(String signer) throws Exception {
        Path log = nodes.file(signer, "signatures.log");
        return Files.exists(log) ? Files.size(log) : 0;
    }

    private static int inFlight(ClusterLoad load) {
        return load.inFlight("a1") + load.inFlight("a2");
    }

    /** How many requests are under way, once there are hundreds. */
    private static int awaitInFlight(ClusterLoad load) throws Exception {
        ClusterJudge.await(IN_FLIGHT + " requests in flight", 60, () -> inFlight(load) >= IN_FLIGHT);
        return inFlight(load);
    }

    @Tag("long")
    @Test
    void a_signer_killed_with_hundreds_of_requests_in_flight() throws Exception {
        ClusterLoad load = ClusterLoad.start(nodes, MANY_CLIENTS, 0);
        int inFlight = 0;
        try (load) {
            for (int i = 0; i < ROUNDS; i++) {
                load.awaitMore(MANY_CLIENTS, load.issued(), 60);
                String victim = busiest();
                inFlight += awaitInFlight(load);
                nodes.process(victim).kill();
                judge.awaitEveryNodeIssues(System.nanoTime()); // by the other one
                load.awaitMore(MANY_CLIENTS, load.issued(), 60);
                startNode(victim);
                String unused = nodes.process(victim).awaitReady();
                judge.awaitRecovery();
            }
            load.awaitMore(MANY_CLIENTS, load.issued(), 60);
        }
        judge.judge(ROUNDS + " kills of a signer with " + inFlight + " requests in flight", load);
    }

    @Tag("long")
    @Test
    void both_signers_killed_with_hundreds_of_requests_in_flight() throws Exception {
        ClusterLoad load = ClusterLoad.start(nodes, MANY_CLIENTS, 0);
        int inFlight;
        try (load) {
            load.awaitMore(MANY_CLIENTS, 0, 60);
            inFlight = awaitInFlight(load);
            for (String signer : SIGNERS) {
                nodes.process(signer).kill();
            }
            for (String name : nodes.apiNodes()) {
                ApiClient api = nodes.api(name);
                assertThat(api.sign(api.csr("none.example"), api.token("none.example"))
                                .status())
                        .as("%s without a signer", name)
                        .isEqualTo(503);
            }
            Unsigned unsigned = couldNotBeSigned(nodes.api("a1"));
            for (String signer : SIGNERS) {
                startNode(signer);
            }
            for (String signer : SIGNERS) {
                String unused = nodes.process(signer).awaitReady();
            }
            judge.awaitRecovery();
            load.awaitMore(MANY_CLIENTS, load.issued(), 60);
            String unusedDer = judge.hold(nodes.api("a2").sign(unsigned.csr(), unsigned.token()));
            for (String name : nodes.apiNodes()) {
                // It has bought one by now.
                ClusterJudge.awaitRefused(nodes.api(name), unsigned.csr(), unsigned.token());
            }
        }
        judge.judge("both signers killed with " + inFlight + " requests in flight", load);
    }

    /** Asks until the grid knows that the signers are gone: from then on nothing leaves the node, and the row is voided. */
    private Unsigned couldNotBeSigned(ApiClient api) throws Exception {
        for (int i = 0; i < TRIES; i++) {
            String name = "unsigned-" + i + ".example";
            Unsigned request = new Unsigned(api.csr(name), api.token(name));
            assertThat(api.sign(request.csr(), request.token()).status()).isEqualTo(503);
            String voided = server.sql(
                    EqualNodes.DATABASE,
                    "SELECT count(*) FROM chancery.certificate c JOIN chancery.certificate_name n ON n.certificate = c.number"
                            + " WHERE c.state = 'voided' AND n.name = '" + name + "'");
            if (voided.equals("1")) {
                return request;
            }
            pause(100);
        }
        throw new AssertionError("no request's row was voided though there is no signer");
    }

    private record Unsigned(String csr, String token) {}

    @Tag("long")
    @Test
    void a_signer_that_stands_still_is_passed_over() throws Exception {
        ClusterLoad load = ClusterLoad.start(nodes, CLIENTS);
        try (load) {
            for (int i = 0; i < ROUNDS; i++) {
                load.awaitMore(20, load.issued(), 60);
                String victim = busiest();
                nodes.process(victim).signal("STOP");
                try {
                    load.awaitMore(50, load.issued(), 60);
                } finally {
                    nodes.process(victim).signal("CONT");
                }
                judge.awaitRecovery();
                load.awaitMore(20, load.issued(), 60);
            }
        }
        judge.judge(ROUNDS + " times a signer that stood still", load);
    }

    @Test
    void while_a_node_stands_still_in_the_middle_of_a_transaction_the_other_goes_on_issuing() throws Exception {
        ClusterLoad load = ClusterLoad.start(nodes, CLIENTS);
        try (load) {
            for (int i = 0; i < ROUNDS; i++) {
                load.awaitMore(20, load.issued(), 60);
                stopInTransaction("a1");
                try {
                    ApiClient other = nodes.api("a2");
                    String csr = other.csr("other.example");
                    long stopped = System.nanoTime();
                    // Not for longer than the grid allows a member to be silent.
                    for (int k = 0; k < 10 && System.nanoTime() - stopped < TimeUnit.SECONDS.toNanos(6); k++) {
                        String token = other.token("other.example");
                        String unused = judge.holdOf(token, ClusterJudge.offered(other, csr, token));
                    }
                } finally {
                    nodes.process("a1").signal("CONT");
                }
                judge.awaitRecovery();
                load.awaitMore(20, load.issued(), 60);
            }
        }
        judge.judge(ROUNDS + " times a node that stood still in a transaction", load);
    }

    private void stopInTransaction(String node) throws Exception {
        ChanceryProcess process = nodes.process(node);
        for (int i = 0; i < TRIES; i++) {
            process.signal("STOP");
            if (isInTransaction(node)) {
                return;
            }
            process.signal("CONT");
            pause(20);
        }
        throw new AssertionError(node + " was never stopped within a transaction");
    }

    /**
     * Whether the server waits for the next statement of a node that stands still: one that has come before, which may be a
     * COMMIT, it still carries out.
     */
    private boolean isInTransaction(String node) throws Exception {
        AtomicBoolean waits = new AtomicBoolean();
        Eventually.holds("the server has carried out what came from " + node, () -> {
            String counted = server.sql(
                    "postgres",
                    "SELECT count(*) FILTER (WHERE state = 'idle in transaction'"
                            + " AND clock_timestamp() - state_change > interval '100 ms'), count(xact_start)"
                            + " FROM pg_stat_activity WHERE application_name = 'chancery " + node + "'");
            waits.set(!counted.startsWith("0|"));
            return waits.get() || counted.endsWith("|0");
        });
        return waits.get();
    }

    @Test
    void a_database_whose_disk_is_full() throws Exception {
        if (disk.isEmpty()) {
            NotRun.because("a database whose disk is full", "no file system can be mounted here");
        }
        SmallDisk small = disk.orElseThrow();
        ClusterLoad load = ClusterLoad.start(nodes, CLIENTS);
        try (load) {
            for (int i = 0; i < ROUNDS; i++) {
                load.awaitMore(20, load.issued(), 60);
                small.fill();
                try {
                    nobodyIssues(load);
                } finally {
                    small.makeRoom();
                }
                // A server that cannot write its log ends; whoever supervises it starts it again.
                if (!server.isAlive()) {
                    server.startAgain();
                }
                judge.awaitRecovery();
                load.awaitMore(20, load.issued(), 60);
            }
        }
        judge.judge(ROUNDS + " times a full disk of the database", load);
    }

    private void nobodyIssues(ClusterLoad load) throws Exception {
        for (String name : nodes.apiNodes()) {
            // On a disk that has just become full the server still has room in the log that it has begun.
            ClusterJudge.await(
                    "a refusal at " + name,
                    60,
                    () -> !offer(nodes.api(name)).header("Retry-After").isEmpty());
        }
        for (String name : nodes.apiNodes()) {
            ClusterJudge.await(
                    name + " says why it cannot issue",
                    30,
                    () -> nodes.management(name, "/can-issue").body().contains("disk is full"));
            Answer health = nodes.api(name).get("/health");
            assertThat(health.status()).isEqualTo(503);
            assertThat(health.body()).contains("the store is not available");
        }
        int before = load.issued();
        pause(1_000);
        assertThat(load.issued()).as("issued while the disk is full").isEqualTo(before);
        for (String name : nodes.apiNodes()) {
            ApiClient api = nodes.api(name);
            Answer answer = offer(api);
            assertThat(answer.status()).as(answer.body()).isEqualTo(503);
            assertThat(api.get("/roots").status()).as("what needs no store").isEqualTo(201);
        }
    }

    private Answer offer(ApiClient api) throws Exception {
        String token = api.token("full.example");
        Answer answer = api.sign(api.csr("full.example"), token);
        if (answer.status() == 201) {
            String unused = judge.holdOf(token, answer);
        }
        return answer;
    }
}
