package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.conformance.ApiClient.Answer;
import io.chancery.conformance.ClientLoad.Sent;
import io.chancery.testing.PostgresProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
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
 * Each place of the issuance protocol that a node of a cluster can die at is hit on purpose: a debugger lets the node stand
 * still there, and it is killed. What becomes of the request is asked of another node, and of the store.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.Random.class)
@SuppressWarnings("NullAway.Init")
class ClusterKillPointIT {
    private static final String NAME = "point.example";
    private static final String VICTIM = "n1";
    private static final String OTHER = "n2";
    private static final String THIRD = "n3";
    /** A majority, so that the grid answers also without the one that is killed. */
    private static final List<String> OTHERS = List.of(OTHER, THIRD);

    /** The grid was too slow, or between two owners of an entry. */
    private static final String UNUSABLE = "unusable";

    private static final int MOST_TRIES = 3;
    private static final long NOTICED_SECONDS = 60;
    private static final long SIGNED_SECONDS = 10;

    private PostgresProcess server;
    private EqualNodes nodes;
    private ClusterJudge judge;
    private RequestFate fate;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        server = PostgresProcess.start();
        // So that a repeat may take a row up soon.
        nodes = EqualNodes.make(StepPki.init(folder), server, 3, Map.of("limits", Map.of("requestDeadline", "4s")));
        judge = new ClusterJudge(nodes);
        fate = new RequestFate(nodes, judge, OTHER);
        ChanceryProcess unusedOther = nodes.start(OTHER, "all", Debugger.environment());
        ChanceryProcess unusedThird = nodes.start(THIRD, "api"); // so that there is one signer elsewhere
        // Whoever has been there longest tells a new grid what the store knows: that must be over, and it must not die.
        ClusterJudge.await(
                "the grid has begun",
                NOTICED_SECONDS,
                () -> OTHERS.stream()
                        .flatMap(name -> nodes.process(name).lines().stream())
                        .anyMatch(line -> line.contains("the grid knows the used tokens")));
        startVictim();
        theVictimIssuesAgain();
        judge.awaitEveryNodeIssues(System.nanoTime());
    }

    @AfterAll
    void everythingIsTrue() throws Exception {
        try (PostgresProcess stopped = server;
                EqualNodes killed = nodes) {
            judge.check();
        }
    }

    private void startVictim() throws Exception {
        ChanceryProcess unused = nodes.start(VICTIM, "all", Debugger.environment());
    }

    /** Also so that it has used the classes that it is to stand still in. */
    @AfterEach
    void theVictimIssuesAgain() throws Exception {
        if (!nodes.process(VICTIM).isAlive()) {
            startVictim();
        }
        String unused = nodes.process(VICTIM).awaitReady();
        judge.awaitIssuing(List.of(VICTIM), System.nanoTime());
        ClusterJudge.await(
                VICTIM + " is in the grid",
                NOTICED_SECONDS,
                () -> nodes.gridOf(VICTIM).equals(Set.copyOf(nodes.names())));
    }

    @Test
    void killed_before_the_commit_of_a_reservation_the_token_is_free() throws Exception {
        Sent request = killedAt(Place.BEFORE_COMMIT);
        startVictim();
        fate.isFinishedByItsKey(request);
    }

    @Test
    void killed_between_commit_and_send_the_recorded_bytes_are_signed_for_the_repeat() throws Exception {
        Sent request = killedAt(Place.BEFORE_SEND);
        startVictim();
        fate.isFinishedByItsKey(request);
    }

    @Test
    void killed_when_the_signer_has_the_request_the_recorded_bytes_are_signed_for_the_repeat() throws Exception {
        Sent request = killedAt(Place.SENT);
        startVictim();
        fate.isFinishedByItsKey(request);
    }

    @Test
    void killed_while_a_signer_elsewhere_signs_the_repeat_gets_a_certificate_over_the_same_bytes() throws Exception {
        boolean signed = false;
        for (int i = 0; i < MOST_TRIES && !signed; i++) {
            Sent request = killedWhileASignerElsewhereSigns();
            signed = isSigned(request); // or the signer stood for so long that it was too late for it
            fate.isFinishedByItsKey(request);
        }
        assertThat(signed).as("a signer elsewhere has signed for nobody").isTrue();
    }

    private boolean isSigned(Sent request) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SIGNED_SECONDS);
        while (fate.landing(request) != Landing.SIGNED && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
        return fate.landing(request) == Landing.SIGNED;
    }

    private Sent killedWhileASignerElsewhereSigns() throws Exception {
        nodes.process(VICTIM).kill();
        ChanceryProcess unused = nodes.start(VICTIM, "api");
        theVictimIssuesAgain();
        Sent request;
        try (Debugger debugger = Debugger.at(nodes.process(OTHER), Place.SENT.type, Place.SENT.method)) {
            request = send();
            debugger.awaitStandstill(request.answer());
            nodes.process(VICTIM).kill();
        } finally {
            nodes.process(VICTIM).kill(); // whatever failed, the next test needs another one
        }
        request.answer().handle((answer, failure) -> answer).join();
        return request;
    }

    @Test
    void killed_between_signature_and_issued_the_repeat_gets_a_certificate_over_the_same_bytes() throws Exception {
        Sent request = killedAt(Place.SIGNED);
        startVictim();
        fate.isFinishedByItsKey(request);
    }

    @Test
    void killed_between_issued_and_the_grid_a_replay_is_refused_by_the_store_and_the_repeat_gets_the_very_certificate()
            throws Exception {
        Sent request = killedAt(Place.BEFORE_GRID);
        assertThat(gridSaysOfRepeat(request)).as("the grid, of the repeat").isEqualTo("miss");
        assertThat(fate.gridSaysOfReplay(request)).as("the grid, of a replay").isIn("miss", UNUSABLE);
        fate.isFinishedByItsKey(request);
    }

    /** A grid that confirms too late for a busy node is not waited for: the node stands at another place then. */
    @Test
    void killed_between_the_grid_and_201_a_replay_is_refused_by_the_grid_and_the_repeat_gets_the_very_certificate()
            throws Exception {
        boolean told = false;
        for (int i = 0; i < MOST_TRIES && !told; i++) {
            theVictimIssuesAgain();
            Sent request = killedAt(Place.BEFORE_ANSWER);
            told = gridSaysOfRepeat(request).equals("repeat");
            if (told) {
                // As it said of the repeat a moment ago.
                assertThat(fate.gridSaysOfReplay(request))
                        .as("the grid, of a replay")
                        .isEqualTo("recent");
            }
            fate.isFinishedByItsKey(request);
        }
        assertThat(told).as("the grid knew of one of %d requests", MOST_TRIES).isTrue();
    }

    /** Sends a request, with an Idempotency-Key, that its node does not survive. */
    private Sent killedAt(Place place) throws Exception {
        Sent request;
        try (Debugger debugger = Debugger.at(nodes.process(VICTIM), place.type, place.method)) {
            request = send();
            debugger.awaitStandstill(request.answer());
            nodes.process(VICTIM).kill();
        }
        request.answer().handle((answer, failure) -> answer).join();
        assertThat(fate.landing(request)).as("what store and signers show").isEqualTo(place.landing);
        return request;
    }

    private Sent send() throws Exception {
        ApiClient api = nodes.api(VICTIM);
        return ClientLoad.send(api, api.csr(NAME), api.token(NAME));
    }

    /**
     * What the grid says of the token of what was issued. A repeat asks, as often as the grid needs: its answer is in the
     * store, and nobody tells the grid of it.
     */
    private String gridSaysOfRepeat(Sent request) throws Exception {
        ApiClient api = nodes.api(OTHER);
        String der = fate.row(request).der();
        ClusterJudge.await(
                OTHER + " sees that " + VICTIM + " is gone",
                NOTICED_SECONDS,
                () -> nodes.gridOf(OTHER).equals(Set.copyOf(OTHERS)));
        AtomicReference<String> said = new AtomicReference<>();
        ClusterJudge.await("the grid answers " + OTHER, NOTICED_SECONDS, () -> {
            Map<String, Double> before = fate.asked();
            Answer repeat = request.again(api, true);
            if (repeat.status() == 503) { // a slow moment decides nothing
                return false;
            }
            assertThat(judge.hold(repeat)).as("the very certificate").isEqualTo(der);
            said.set(fate.saidSince(before));
            return !said.get().equals(UNUSABLE);
        });
        return said.get();
    }

    /** Where a node dies: just before a method of the program begins. */
    private enum Place {
        BEFORE_COMMIT("io.chancery.node.store.CertificateRows", "insert", Landing.BEFORE_COMMIT),
        BEFORE_SEND("io.chancery.node.issuance.BusSigningClient", "sign", Landing.BEFORE_SIGNATURE),
        SENT("io.chancery.signer.bus.CertificateSigner", "sign", Landing.BEFORE_SIGNATURE),
        SIGNED("io.chancery.node.issuance.IssuanceFlow", "finish", Landing.SIGNED),
        BEFORE_GRID("io.chancery.node.status.CountedReplayFilter", "tell", Landing.ISSUED),
        BEFORE_ANSWER("io.chancery.node.step.IssuedReply", "send", Landing.ISSUED);

        private final String type;
        private final String method;
        private final Landing landing;

        Place(String type, String method, Landing landing) {
            this.type = type;
            this.method = method;
            this.landing = landing;
        }
    }
}
