package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.conformance.ApiClient.Answer;
import io.chancery.testing.PostgresProcess;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes are replaced one by one under load: by the next version, and by one whose Hazelcast does not join the old grid. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("long")
class RollingUpgradeIT {
    private static final int CLIENTS = 4;
    private static final Map<String, Object> SETTINGS = Map.of("limits", Map.of("requestDeadline", "4s"));

    @Test
    void nodes_of_the_version_before_are_replaced_one_by_one(@TempDir Path folder) throws Exception {
        Path before = OtherVersions.before(folder);
        try (PostgresProcess server = PostgresProcess.start();
                EqualNodes nodes = EqualNodes.make(StepPki.init(folder), server, 3, SETTINGS)) {
            nodes.names().forEach(name -> nodes.changeProgram(name, before));
            nodes.startAll();
            ClusterJudge judge = new ClusterJudge(nodes);
            ClusterLoad load = ClusterLoad.start(nodes, CLIENTS);
            try (load) {
                load.awaitMore(20, 0, 60);
                Commands.run(
                                folder,
                                nodes.pki().environment(),
                                Path.of(System.getProperty("chancery.home"), "bin/chancery")
                                        .toString(),
                                "store",
                                "migrate",
                                nodes.file("n1", "ca.json").toString())
                        .succeeded();
                load.awaitMore(20, load.issued(), 60);
                for (String name : nodes.names()) {
                    nodes.process(name).close();
                    nodes.changeProgram(name, Path.of(System.getProperty("chancery.home")));
                    String unused = nodes.start(name).awaitReady();
                    judge.awaitEveryNodeIssues(System.nanoTime());
                    load.awaitMore(20, load.issued(), 60);
                }
                judge.awaitWhole(System.nanoTime());
            }
            nothingWasLost("an upgrade from the version before", judge, load);
        }
    }

    @Test
    void nodes_move_to_a_grid_of_another_hazelcast_with_a_name_of_its_own(@TempDir Path folder) throws Exception {
        Path other = OtherVersions.withOtherHazelcast(folder);
        try (PostgresProcess server = PostgresProcess.start();
                EqualNodes nodes = EqualNodes.make(StepPki.init(folder), server, 3, SETTINGS)) {
            nodes.startAll();
            ClusterJudge judge = new ClusterJudge(nodes);
            ClusterLoad load = ClusterLoad.start(nodes, CLIENTS);
            try (load) {
                load.awaitMore(20, 0, 60);
                for (String name : nodes.names()) {
                    nodes.process(name).close();
                    nodes.changeProgram(name, other);
                    anotherName(nodes, name);
                    String unused = nodes.start(name).awaitReady();
                    judge.awaitEveryNodeIssues(System.nanoTime());
                    load.awaitMore(20, load.issued(), 60);
                    oneTokenBuysOne(nodes, judge);
                }
                judge.awaitWhole(System.nanoTime());
            }
            nothingWasLost("a move to another Hazelcast", judge, load);
        }
    }

    private static void anotherName(EqualNodes nodes, String name) throws Exception {
        Map<String, Object> settings = JSONObjectUtils.parse(StepPki.text(nodes.file(name, "chancery.json")));
        Map<String, Object> cluster =
                new HashMap<>(Objects.requireNonNull(JSONObjectUtils.getJSONObject(settings, "cluster")));
        cluster.put("name", cluster.get("name") + "-next");
        nodes.set(name, Map.of("cluster", cluster));
    }

    /** Though nodes of two grids see it. */
    private static void oneTokenBuysOne(EqualNodes nodes, ClusterJudge judge) throws Exception {
        ApiClient first = nodes.api(nodes.names().get(0));
        String csr = first.csr("two-grids.example");
        String token = first.token("two-grids.example");
        int issued = 0;
        for (String name : nodes.names()) {
            Answer answer = nodes.api(name).sign(csr, token);
            assertThat(answer.status()).as(answer.body()).isIn(List.of(201, 401));
            if (answer.status() == 201) {
                String unused = judge.holdOf(token, answer);
                issued++;
            }
        }
        assertThat(issued).as("certificates for one token").isEqualTo(1);
    }

    private static void nothingWasLost(String change, ClusterJudge judge, ClusterLoad load) throws Exception {
        assertThat(load.failures().withKey())
                .as("requests with a key that failed though repeated once: %s", load.requests())
                .isZero();
        judge.judge(change, load);
    }
}
