package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.conformance.ApiClient.Answer;
import io.chancery.conformance.ClientLoad.Sent;
import io.chancery.conformance.StoreRows.Row;
import io.chancery.testing.PostgresProcess;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
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
    /** A majority, so that the grid answers also without the one that is killed. */
    private static final List<String> OTHERS = List.of(OTHER, "n3");

    private static final String REFUSED = "The request lacked necessary authorization to be completed.";
    private static final String ASKED = "chancery_grid_asked_total{answer=\"";
    /** The grid was too slow, or between two owners of an entry. */
    private static final String UNUSABLE = "unusable";

    private static final int MOST_TRIES = 3;
    private static final long NOTICED_SECONDS = 60;

    private PostgresProcess server;
    private EqualNodes nodes;
    private ClusterJudge judge;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        server = PostgresProcess.start();
        // So that a repeat may take a row up soon.
        nodes = EqualNodes.make(StepPki.init(folder), server, 3, Map.of("limits", Map.of("requestDeadline", "4s")));
        judge = new ClusterJudge(nodes);
        for (String name : OTHERS) {
            ChanceryProcess unused = nodes.start(name);
        }
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
        finishedByItsKeyElsewhere(request);
    }

    @Test
    void killed_between_commit_and_send_the_recorded_bytes_are_signed_for_the_repeat() throws Exception {
        Sent request = killedAt(Place.BEFORE_SEND);
        startVictim();
        finishedByItsKeyElsewhere(request);
    }

    @Test
    void killed_when_the_signer_has_the_request_the_recorded_bytes_are_signed_for_the_repeat() throws Exception {
        Sent request = killedAt(Place.SENT);
        startVictim();
        finishedByItsKeyElsewhere(request);
    }

    @Test
    void killed_between_signature_and_issued_the_repeat_gets_a_certificate_over_the_same_bytes() throws Exception {
        Sent request = killedAt(Place.SIGNED);
        startVictim();
        finishedByItsKeyElsewhere(request);
    }

    @Test
    void killed_between_issued_and_the_grid_a_replay_is_refused_by_the_store_and_the_repeat_gets_the_very_certificate()
            throws Exception {
        Sent request = killedAt(Place.BEFORE_GRID);
        assertThat(gridSaysOfRepeat(request)).as("the grid, of the repeat").isEqualTo("miss");
        assertThat(saidOfReplay(request)).as("the grid, of a replay").isIn("miss", UNUSABLE);
        finishedByItsKeyElsewhere(request);
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
                assertThat(saidOfReplay(request)).as("the grid, of a replay").isEqualTo("recent");
            }
            finishedByItsKeyElsewhere(request);
        }
        assertThat(told).as("the grid knew of one of %d requests", MOST_TRIES).isTrue();
    }

    /** Sends a request, with an Idempotency-Key, that its node does not survive. */
    private Sent killedAt(Place place) throws Exception {
        ApiClient api = nodes.api(VICTIM);
        String csr = api.csr(NAME);
        String token = api.token(NAME);
        Sent request;
        try (Debugger debugger = Debugger.at(nodes.process(VICTIM), place.type, place.method)) {
            request = ClientLoad.send(api, csr, token);
            debugger.awaitStandstill(request.answer());
            nodes.process(VICTIM).kill();
        }
        request.answer().handle((answer, failure) -> answer).join();
        assertThat(landing(request)).as("what store and signers show").isEqualTo(place.landing);
        return request;
    }

    private Row row(Sent request) throws Exception {
        return nodes.store().byRequest().get(request.id());
    }

    private Landing landing(Sent request) throws Exception {
        Row row = row(request);
        Set<String> signed = new HashSet<>();
        for (Path log : nodes.signatures()) {
            signed.addAll(SignatureLines.bySerial(log).keySet());
        }
        return Landing.of(
                row,
                row != null && signed.contains(row.serial()),
                !request.held().isEmpty());
    }

    /**
     * What the grid says of the token of what was issued. A repeat asks, as often as the grid needs: its answer is in the
     * store, and nobody tells the grid of it.
     */
    private String gridSaysOfRepeat(Sent request) throws Exception {
        ApiClient api = nodes.api(OTHER);
        String der = row(request).der();
        ClusterJudge.await(
                OTHER + " sees that " + VICTIM + " is gone",
                NOTICED_SECONDS,
                () -> nodes.gridOf(OTHER).equals(Set.copyOf(OTHERS)));
        AtomicReference<String> said = new AtomicReference<>();
        ClusterJudge.await("the grid answers " + OTHER, NOTICED_SECONDS, () -> {
            Map<String, Double> before = asked();
            assertThat(judge.hold(request.again(api, true)))
                    .as("the very certificate")
                    .isEqualTo(der);
            said.set(saidSince(before));
            return !said.get().equals(UNUSABLE);
        });
        return said.get();
    }

    /** The same of the token without its key, which is refused whatever the grid says. */
    private String saidOfReplay(Sent request) throws Exception {
        Map<String, Double> before = asked();
        refusedElsewhere(request);
        return saidSince(before);
    }

    private String saidSince(Map<String, Double> before) throws Exception {
        Map<String, Double> now = asked();
        now.entrySet().removeIf(each -> each.getValue().equals(before.get(each.getKey())));
        assertThat(now).as("what the grid was heard to say since %s", before).hasSize(1);
        return now.keySet().iterator().next();
    }

    /** How often the other node has heard each answer of the grid. */
    private Map<String, Double> asked() throws Exception {
        Map<String, Double> counted = new TreeMap<>();
        nodes.management(OTHER, "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(ASKED))
                .forEach(line -> counted.put(
                        line.substring(ASKED.length(), line.indexOf('"', ASKED.length())),
                        Double.valueOf(line.substring(line.lastIndexOf(' ') + 1))));
        return counted;
    }

    private void refusedElsewhere(Sent request) throws Exception {
        Answer answer = request.again(nodes.api(OTHER), false);
        assertThat(answer.status()).as("a replay without the key").isEqualTo(401);
        assertThat(answer.body()).contains(REFUSED);
    }

    /** Without its key the token is used if there is a row; with it, the row is finished with what was recorded. */
    private void finishedByItsKeyElsewhere(Sent request) throws Exception {
        ApiClient api = nodes.api(OTHER);
        Row died = row(request);
        if (died != null) {
            refusedElsewhere(request);
        }
        AtomicReference<Answer> repeat = new AtomicReference<>();
        ClusterJudge.await(OTHER + " decides it", NOTICED_SECONDS, () -> {
            repeat.set(request.again(api, true));
            return repeat.get().status() != 503;
        });
        String der = judge.hold(repeat.get());
        if (died != null) {
            assertThat(Certificates.tbs(Certificates.ofHex(der))).isEqualTo(died.tbs());
            if (died.state().equals("issued")) {
                assertThat(der).as("the very certificate").isEqualTo(died.der());
            }
        }
        refusedElsewhere(request);
        assertThat(nodes.store().all())
                .as("rows of the token")
                .filteredOn(row -> row.tokenKey().equals(ApiClient.tokenKey(request.token())))
                .singleElement()
                .satisfies(row -> assertThat(row.state()).isEqualTo("issued"))
                .satisfies(row -> assertThat(row.der()).isEqualTo(der));
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
