package io.chancery.node.status;

import io.chancery.cluster.members.ClusterMembers;
import io.chancery.cluster.members.NodeFacts;
import io.chancery.core.certificate.KeyId;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Who is in the cluster and how it is, as this node knows it, in the form that {@code chancery cluster status} reads. */
public final class ClusterReport {
    private final ClusterMembers members;
    private final Supplier<Optional<StoreSeen>> store;

    /** @param store as it was when it was last asked, if it answered; answered without waiting */
    public ClusterReport(ClusterMembers members, Supplier<Optional<StoreSeen>> store) {
        this.members = members;
        this.store = store;
    }

    Optional<String> deaf() {
        return members.deaf();
    }

    JsonObject json() {
        JsonArray all = new JsonArray();
        members.members().forEach(member -> all.add(json(member)));
        Optional<StoreSeen> seen = store.get();
        return new JsonObject()
                .put("members", all)
                .put("storeJobs", seen.flatMap(StoreSeen::jobs).orElse(null))
                .put("lists", new JsonArray(seen.map(StoreSeen::lists).orElse(List.of())))
                .put("epoch", seen.map(StoreSeen::epoch).orElse(null))
                .put("storeMillis", seen.map(s -> millis(s.took())).orElse(null))
                .put("deaf", deaf().orElse(null));
    }

    private static JsonObject json(ClusterMembers.Member member) {
        NodeFacts facts = member.facts();
        return new JsonObject()
                .put("node", facts.node().value())
                .put("self", member.self())
                .put("role", facts.role())
                .put("version", facts.version())
                .put(
                        "signs",
                        new JsonArray(facts.keys().stream().map(KeyId::value).toList()))
                .put("caJson", facts.files().caJson().hex())
                .put("chanceryJson", facts.files().chanceryJson().hex())
                .put("roots", facts.identity().roots().hex())
                .put("reached", member.self() || member.roundTrip().isPresent())
                .put("pingMillis", member.roundTrip().map(ClusterReport::millis).orElse(null));
    }

    private static double millis(Duration time) {
        return time.toNanos() / 1_000_000.0;
    }

    /**
     * @param jobs id of the node that runs the store's jobs, when it is known
     * @param lists ids of the nodes that make the lists of revoked certificates
     * @param epoch the number of the store's epoch
     * @param took how long the store's answer took, with the commit of a row
     */
    public record StoreSeen(Optional<String> jobs, List<String> lists, long epoch, Duration took) {}
}
