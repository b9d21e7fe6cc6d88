package io.chancery.node.status;

import io.chancery.cluster.members.ClusterMembers;
import io.chancery.cluster.members.NodeFacts;
import io.chancery.core.certificate.KeyId;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.function.Supplier;

/** Who is in the cluster and how it is, as this node knows it, in the form that {@code chancery cluster status} reads. */
public final class ClusterReport {
    private final ClusterMembers members;
    private final Supplier<Optional<String>> storeJobs;

    /** @param storeJobs id of the node that runs the store's jobs, when it is known; answered without waiting */
    public ClusterReport(ClusterMembers members, Supplier<Optional<String>> storeJobs) {
        this.members = members;
        this.storeJobs = storeJobs;
    }

    Optional<String> deaf() {
        return members.deaf();
    }

    JsonObject json() {
        JsonArray all = new JsonArray();
        members.members().forEach(member -> all.add(json(member)));
        return new JsonObject()
                .put("members", all)
                .put("storeJobs", storeJobs.get().orElse(null))
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
                .put(
                        "pingMillis",
                        member.roundTrip()
                                .map(time -> time.toNanos() / 1_000_000.0)
                                .orElse(null));
    }
}
