package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.conformance.ApiClient.Answer;
import io.chancery.testing.PostgresProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Clusters of another number of nodes than three: two, one that is left of two, and a fourth that comes later. */
@Tag("long")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestMethodOrder(MethodOrderer.Random.class)
class GrowingClusterIT {
    private static final int CLIENTS = 4;
    private static final int SOME = 20;

    @Test
    void of_two_nodes_the_one_that_is_left_goes_on_and_the_database_alone_refuses_used_tokens(@TempDir Path folder)
            throws Exception {
        try (PostgresProcess server = PostgresProcess.start();
                EqualNodes nodes = EqualNodes.make(
                        StepPki.init(folder), server, 2, Map.of("limits", Map.of("requestDeadline", "4s")))) {
            nodes.startAll();
            ClusterJudge judge = new ClusterJudge(nodes);
            ApiClient left = nodes.api("n2");
            String csr = left.csr("two.example");
            String used = left.token("two.example");
            ClusterLoad load = ClusterLoad.start(nodes, CLIENTS);
            try (load) {
                load.awaitMore(SOME, 0, 60);
                String unusedFirst = judge.hold(nodes.api("n1").sign(csr, used));
                nodes.process("n1").kill();
                long killed = System.nanoTime();
                judge.awaitIssuing(List.of("n2"), killed);
                assertThat(left.sign(csr, used).status())
                        .as("used at the one that is gone")
                        .isEqualTo(401);
                ClusterJudge.await(
                        "n2 knows that it is alone",
                        40,
                        () -> nodes.gridOf("n2").equals(Set.of("n2")));
                int before = load.issued();
                load.awaitMore(SOME, before, 60);
                assertThat(nodes.canIssue("n2")).isTrue();
                assertThat(left.sign(csr, used).status()).as("by one alone").isEqualTo(401);
                String own = left.token("two.example");
                String unusedOwn = judge.hold(left.sign(csr, own));
                assertThat(left.sign(csr, own).status()).isEqualTo(401);

                String unusedReady = nodes.start("n1").awaitReady();
                judge.awaitRecovery();
                assertThat(nodes.api("n1").sign(csr, own).status())
                        .as("used while it was away")
                        .isEqualTo(401);
                load.awaitMore(SOME, load.issued(), 60);
            }
            judge.judge("one of two nodes killed", load);
        }
    }

    @Test
    void a_fourth_node_is_added_while_three_run_and_neither_they_nor_their_clients_notice(@TempDir Path folder)
            throws Exception {
        try (PostgresProcess server = PostgresProcess.start();
                EqualNodes nodes = EqualNodes.make(StepPki.init(folder), server, 3, Map.of())) {
            nodes.startAll();
            ClusterJudge judge = new ClusterJudge(nodes);
            ApiClient first = nodes.api("n1");
            String csr = first.csr("four.example");
            String used = first.token("four.example");
            String unusedFirst = judge.hold(first.sign(csr, used));
            ClusterLoad load = ClusterLoad.start(nodes, CLIENTS);
            try (load) {
                load.awaitMore(SOME, 0, 60);
                nodes.add("n4");
                String unusedReady = nodes.start("n4").awaitReady();
                long came = System.nanoTime();
                judge.awaitEveryNodeIssues(came);
                judge.awaitWhole(came);
                assertThat(nodes.api("n4").sign(csr, used).status())
                        .as("used before it came")
                        .isEqualTo(401);
                Answer answer = nodes.api("n4").sign(csr, nodes.api("n4").token("four.example"));
                String unusedOwn = judge.hold(answer);
                load.awaitMore(SOME, load.issued(), 60);

                // With the files that the command has changed, at the next restart of each.
                for (String name : List.of("n1", "n2", "n3")) {
                    Object cluster = JSONObjectUtils.parse(StepPki.text(nodes.file(name, "chancery.json")))
                            .get("cluster");
                    assertThat((List<?>) ((Map<?, ?>) cluster).get("members")).hasSize(4);
                    nodes.process(name).close();
                    String unused = nodes.start(name).awaitReady();
                }
                judge.awaitWhole(System.nanoTime());
            }
            assertThat(load.failures().withKey()).as("%s", load.requests()).isZero();
            judge.judge("a fourth node added", load);
        }
    }
}
