package io.chancery.cluster.join;

import com.hazelcast.cluster.Member;
import com.hazelcast.core.HazelcastInstance;
import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.members.ClusterMembers;
import io.chancery.cluster.members.NodeFacts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** What Hazelcast's members have said of themselves when they came; looked up in memory, without asking anybody. */
final class MemberAttributes {
    private MemberAttributes() {}

    /** The nodes that were there before this one; a member that says nothing of itself is none. */
    static List<NodeFacts> older(HazelcastInstance hazelcast) {
        List<NodeFacts> older = new ArrayList<>();
        for (Member member : hazelcast.getCluster().getMembers()) { // in the order of their coming
            if (member.localMember()) {
                break;
            }
            facts(member).ifPresent(older::add);
        }
        return older;
    }

    /** All nodes but this one. */
    static List<NodeFacts> others(HazelcastInstance hazelcast) {
        return hazelcast.getCluster().getMembers().stream()
                .filter(member -> !member.localMember())
                .flatMap(member -> facts(member).stream())
                .toList();
    }

    /**
     * By the order of their coming, which all members know alike. Of several members with one id the youngest counts:
     * whoever takes a node's id and is older than it would else keep every node from being the oldest.
     *
     * @param others that count, by what is heard of them over the bus
     */
    static ClusterMembers.Keeper oldestWithStore(HazelcastInstance hazelcast, Predicate<NodeId> others) {
        Map<NodeId, Member> withStore = new LinkedHashMap<>();
        for (Member member : hazelcast.getCluster().getMembers()) {
            Optional<NodeId> node = facts(member)
                    .filter(NodeFacts::hasStore)
                    .map(NodeFacts::node)
                    .filter(id -> member.localMember() || others.test(id));
            if (node.isPresent()) {
                Member unused = withStore.remove(node.get());
                withStore.put(node.get(), member);
            }
        }
        return withStore.values().stream()
                .findFirst()
                .map(oldest -> oldest.localMember() ? ClusterMembers.Keeper.SELF : ClusterMembers.Keeper.ANOTHER)
                .orElse(ClusterMembers.Keeper.NOBODY);
    }

    private static Optional<NodeFacts> facts(Member member) {
        return NodeFacts.parse(member.getAttributes());
    }
}
