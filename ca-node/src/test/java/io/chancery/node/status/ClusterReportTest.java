package io.chancery.node.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.members.ClusterIdentity;
import io.chancery.cluster.members.ClusterMembers;
import io.chancery.cluster.members.NodeFacts;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.der.Sha256;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ClusterReportTest {
    private static final Sha256 HASH = Sha256.digest();
    private static final String KEY = "0".repeat(32);

    private static ClusterMembers.Member member(String node, boolean self, Optional<Duration> roundTrip) {
        NodeFacts facts = new NodeFacts(
                new NodeId(node),
                new ClusterIdentity(HASH, HASH, Set.of(HASH)),
                "1.2.3",
                "all",
                List.of(new KeyId(KEY)),
                new NodeFacts.Files(HASH, Sha256.digest(new byte[] {1})));
        return new ClusterMembers.Member(facts, self, roundTrip);
    }

    private record Three(Optional<String> deaf) implements ClusterMembers {
        @Override
        public List<Member> members() {
            return List.of(
                    member("n1", true, Optional.empty()),
                    member("n2", false, Optional.of(Duration.ofNanos(1_500_000))),
                    member("n3", false, Optional.empty()));
        }

        @Override
        public Keeper keeper() {
            return Keeper.SELF;
        }

        @Override
        public void inForce(NodeFacts.Files files, List<KeyId> keys) {}

        @Override
        public void identityInForce(ClusterIdentity identity) {}

        @Override
        public void whenDeafForGood(Runnable action) {}

        @Override
        public void whenForgotten(Runnable action) {}
    }

    @Test
    void it_says_who_is_there_who_is_reached_and_what_each_has_in_force() {
        JsonObject json = new ClusterReport(
                        new Three(Optional.empty()),
                        () -> Optional.of(new ClusterReport.StoreSeen(
                                Optional.of("n2"), List.of("n3"), 7, Duration.ofNanos(2_500_000))))
                .json();
        assertThat(json.getLong("epoch")).isEqualTo(7);
        assertThat(json.getJsonArray("lists")).containsExactly("n3");
        assertThat(json.getDouble("storeMillis")).isEqualTo(2.5);
        assertThat(json.getString("storeJobs")).isEqualTo("n2");
        assertThat(json.getString("deaf")).isNull();
        assertThat(json.getJsonArray("members").stream().map(m -> (JsonObject) m))
                .extracting(m -> m.getString("node") + " " + m.getBoolean("reached") + " " + m.getDouble("pingMillis"))
                .containsExactly("n1 true null", "n2 true 1.5", "n3 false null");
        JsonObject first = json.getJsonArray("members").getJsonObject(0);
        assertThat(first.getJsonArray("signs")).containsExactly(KEY);
        assertThat(first.getString("caJson")).isEqualTo(HASH.hex());
        assertThat(first.getString("chanceryJson"))
                .isEqualTo(Sha256.digest(new byte[] {1}).hex());
    }

    @Test
    void before_the_store_has_answered_nothing_is_said_of_it() {
        JsonObject json = new ClusterReport(new Three(Optional.empty()), Optional::empty).json();
        assertThat(json.getMap()).containsEntry("epoch", null).containsEntry("storeJobs", null);
        assertThat(json.getJsonArray("lists")).isEmpty();
    }

    @Test
    void the_metrics_count_who_is_reached_and_say_when_this_node_is_deaf() {
        ProcessMetrics metrics = new ProcessMetrics("1.2.3");
        metrics.nodes(new Three(Optional.of("nobody reaches this node")));
        assertThat(metrics.scrape())
                .contains("chancery_cluster_nodes{state=\"reached\"} 2")
                .contains("chancery_cluster_nodes{state=\"silent\"} 1")
                .contains("chancery_cluster_deaf 1");
    }
}
