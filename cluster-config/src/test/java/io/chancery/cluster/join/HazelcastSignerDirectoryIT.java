package io.chancery.cluster.join;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cluster.bus.NodeId;
import io.chancery.core.certificate.KeyId;
import io.chancery.testing.Answers;
import io.chancery.testing.StrictVertx;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who signs with a key, as a real member of a grid knows it. */
@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class HazelcastSignerDirectoryIT {
    private static final NodeId OWN = new NodeId("n0");
    private static final NodeId OTHER = new NodeId("n1");
    private static final KeyId KEY = new KeyId("ab".repeat(16));

    @Test
    void its_own_signer_is_known_to_a_node_whatever_the_grid_has_forgotten(Vertx vertx) throws Exception {
        try (TestGrid grid = TestGrid.of(vertx, 1)) {
            HazelcastSignerDirectory directory =
                    grid.onLoop(() -> Future.succeededFuture(new HazelcastSignerDirectory(vertx, grid.member(0))));
            Object unused = grid.onLoop(() -> directory.announce(KEY, OWN));
            grid.member(0).getMap(HazelcastConfigs.SIGNERS).clear();
            // Seen by the directory's own refresh, which so has read the map without its own signer.
            List.of("no slash", "/", KEY.value() + "/", KEY.value() + "/No node", "no key/n7")
                    .forEach(text ->
                            grid.member(0).getMap(HazelcastConfigs.SIGNERS).put(text, ""));
            grid.member(0).getMap(HazelcastConfigs.SIGNERS).put(42, "no text");
            grid.member(0).getMap(HazelcastConfigs.SIGNERS).put(Locale.ROOT, "a class that nodes do not let in");
            grid.member(0).getMap(HazelcastConfigs.SIGNERS).put(KEY.value() + "/" + OTHER.value(), "");
            assertThat(await(directory, OTHER, true)).containsExactlyInAnyOrder(OWN, OTHER);
            Object unusedGone = grid.onLoop(() -> directory.withdraw(KEY, OWN));
            assertThat(await(directory, OWN, false)).containsExactly(OTHER);
        }
    }

    @Test
    void a_node_that_leaves_has_its_calls_fail_and_not_throw(Vertx vertx) throws Exception {
        try (TestGrid grid = TestGrid.of(vertx, 1)) {
            Vertx leaving = StrictVertx.make();
            HazelcastSignerDirectory directory = new HazelcastSignerDirectory(leaving, grid.member(0));
            CurrentFacts facts = new CurrentFacts(leaving, grid.member(0));
            Object unused = Answers.of(leaving.close(), Duration.ofSeconds(TestGrid.PATIENCE_SECONDS));
            assertThat(directory.withdraw(KEY, OWN).cause()).isInstanceOf(RejectedExecutionException.class);
            assertThat(facts.of(List.of()).cause()).isInstanceOf(RejectedExecutionException.class);
        }
    }

    private static Set<NodeId> await(HazelcastSignerDirectory directory, NodeId node, boolean there) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TestGrid.PATIENCE_SECONDS);
        Set<NodeId> signers = directory.signers(KEY);
        while (signers.contains(node) != there) {
            assertThat(System.nanoTime() - end)
                    .as("%s is known: %s", node, !there)
                    .isNegative();
            signers = directory.signers(KEY);
        }
        return signers;
    }
}
