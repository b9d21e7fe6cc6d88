package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.testing.PostgresProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node whose grid has merged again after a split, but that nobody reaches over the bus, and that has no signer. */
@Tag("long")
@DisplayNameGeneration(ReplaceUnderscores.class)
class DeafNodeIT {
    private static final List<String> NAMES = List.of("n1", "n2", "n3");
    private static final String DEAF = "n1";
    private static final List<String> OTHERS = List.of("n2", "n3");
    private static final String HAZELCAST = "5701";
    private static final String BUS = "5702";
    /** As systemd's unit does not start again a node that ends with 2, this one it does. */
    private static final int RESTART = 3;

    private static final long NOTICED_SECONDS = 60;

    @Test
    void ends_for_its_supervisor_to_start_it_again_and_issues_then(@TempDir Path folder) throws Exception {
        Optional<String> missing = NodeNetwork.missing(folder);
        if (missing.isPresent()) {
            NotRun.because("a node that is deaf after a merge", missing.get());
        }
        try (NodeNetwork network = NodeNetwork.make(folder, NAMES);
                PostgresProcess server = network.startServer();
                EqualNodes nodes = network.makeNodes(StepPki.init(folder), server, Map.of())) {
            for (String name : OTHERS) {
                ChanceryProcess unused = nodes.start(name);
            }
            ChanceryProcess deaf = nodes.start(DEAF, "api");
            for (String name : NAMES) {
                String unused = nodes.process(name).awaitReady();
            }
            ClusterJudge judge = new ClusterJudge(nodes);
            judge.awaitWhole(System.nanoTime());
            List<String> others = OTHERS.stream().map(network::address).toList();

            network.set(DEAF, NodeNetwork.cut(others, HAZELCAST), NodeNetwork.cut(others, BUS));
            ClusterJudge.await(
                    "n1 sees itself alone",
                    NOTICED_SECONDS,
                    () -> nodes.gridOf(DEAF).equals(Set.of(DEAF)));
            ClusterJudge.await(
                    "n2 does not see n1",
                    NOTICED_SECONDS,
                    () -> nodes.gridOf("n2").equals(Set.copyOf(OTHERS)));
            network.set(DEAF, NodeNetwork.cut(others, BUS));
            deaf.awaitLine("this part of a split grid has joined the other one again");

            assertThat(deaf.awaitEnd()).as("exit code").isEqualTo(RESTART);
            assertThat(deaf.lines()).anyMatch(line -> line.contains("none of them has reached this one over the bus"));
            judge.awaitIssuing(OTHERS, System.nanoTime());

            network.heal(DEAF);
            String unusedReady = nodes.start(DEAF, "api").awaitReady();
            judge.awaitRecovery();
            judge.check();
        }
    }
}
