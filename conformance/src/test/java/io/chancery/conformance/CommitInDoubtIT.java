package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.conformance.ApiClient.Answer;
import io.chancery.conformance.ClientLoad.Sent;
import io.chancery.conformance.CommitCutter.Cut;
import io.chancery.testing.PostgresProcess;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node whose connection to the database goes while it commits does not know whether the rows are there (issuance protocol,
 * Reserve, 6): each commit of a request is cut off, once before the server has it and once before its answer.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.Random.class)
@SuppressWarnings("NullAway.Init")
class CommitInDoubtIT {
    private static final String NAME = "doubt.example";
    private static final String DOUBTS = "n1";
    private static final String OTHER = "n2";
    private static final int RESERVE = 1;
    private static final int FINISH = 2;
    private static final long SECONDS = 60;

    private PostgresProcess server;
    private CommitCutter cutter;
    private EqualNodes nodes;
    private ClusterJudge judge;
    private RequestFate fate;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        server = PostgresProcess.start();
        cutter = CommitCutter.to(server.port());
        // So that a repeat may take a row up soon.
        nodes = EqualNodes.make(StepPki.init(folder), server, 2, Map.of("limits", Map.of("requestDeadline", "4s")));
        nodes.changeDataSource(
                DOUBTS,
                server.dataSource(EqualNodes.DATABASE).replace(":" + server.port() + "/", ":" + cutter.port() + "/"));
        judge = new ClusterJudge(nodes);
        fate = new RequestFate(nodes, judge, OTHER);
        nodes.startAll();
    }

    @AfterAll
    void everythingIsTrue() throws Exception {
        try (PostgresProcess stopped = server;
                CommitCutter closed = cutter;
                EqualNodes killed = nodes) {
            judge.check();
        }
    }

    @BeforeEach
    void bothIssue() throws Exception {
        judge.awaitEveryNodeIssues(System.nanoTime());
        judge.awaitWhole(System.nanoTime());
    }

    @Test
    void a_reservation_that_never_reached_the_server_leaves_the_token_free() throws Exception {
        Sent request = cutOffAt(RESERVE, Cut.BEFORE_THE_SERVER_HAS_IT);
        assertThat(fate.landing(request)).isEqualTo(Landing.BEFORE_COMMIT);
        String unused = judge.hold(ClusterJudge.offered(nodes.api(OTHER), request.csr(), request.token()));
        fate.isRefused(request);
    }

    @Test
    void a_reservation_that_the_server_has_is_sent_to_no_signer_and_its_token_is_used_for_all_but_its_repeat()
            throws Exception {
        Sent request = cutOffAt(RESERVE, Cut.BEFORE_ITS_ANSWER);
        assertThat(fate.landing(request)).as("nobody signed it").isEqualTo(Landing.BEFORE_SIGNATURE);
        assertThat(fate.gridSaysOfReplay(request)).as("nobody told the grid").isIn("miss", "unusable");
        fate.isFinishedByItsKey(request);
    }

    @Test
    void an_end_that_never_reached_the_server_is_made_again_by_the_repeat_over_the_same_bytes() throws Exception {
        Sent request = cutOffAt(FINISH, Cut.BEFORE_THE_SERVER_HAS_IT);
        assertThat(fate.landing(request)).isEqualTo(Landing.SIGNED);
        fate.isFinishedByItsKey(request);
    }

    @Test
    void an_end_that_the_server_has_is_answered_to_the_repeat_with_the_very_certificate() throws Exception {
        Sent request = cutOffAt(FINISH, Cut.BEFORE_ITS_ANSWER);
        assertThat(fate.landing(request)).isEqualTo(Landing.ISSUED);
        fate.isFinishedByItsKey(request);
    }

    /** Sends a request, with an Idempotency-Key, whose commit is in doubt: it is answered with 503. */
    private Sent cutOffAt(int commit, Cut where) throws Exception {
        ApiClient api = nodes.api(DOUBTS);
        KeyPair key = ApiClient.keyPair("EC", 256);
        int before = nodes.process(DOUBTS).lines().size();
        cutter.cut(key.getPublic().getEncoded(), commit, where);
        Sent request = ClientLoad.send(api, ApiClient.csr(NAME, key), api.token(NAME));
        cutter.awaitCut();
        Answer answer = request.answer().get(SECONDS, TimeUnit.SECONDS);
        assertThat(answer.status()).as(answer.body()).isEqualTo(503);
        assertThat(answer.header("Retry-After")).isNotEmpty();
        nodes.process(DOUBTS).awaitLine("a commit is in doubt", before);
        return request;
    }
}
