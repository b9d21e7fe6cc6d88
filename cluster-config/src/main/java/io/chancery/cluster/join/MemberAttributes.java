package io.chancery.cluster.join;

import com.hazelcast.cluster.Member;
import com.hazelcast.core.HazelcastInstance;
import io.chancery.cluster.members.ClusterMembers;
import io.chancery.cluster.members.NodeFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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

    /** By the order of their coming, which all members know alike. */
    static ClusterMembers.Keeper oldestWithStore(HazelcastInstance hazelcast) {
        for (Member member : hazelcast.getCluster().getMembers()) {
            if (facts(member).filter(NodeFacts::hasStore).isPresent()) {
                return member.localMember() ? ClusterMembers.Keeper.SELF : ClusterMembers.Keeper.ANOTHER;
            }
        }
        return ClusterMembers.Keeper.NOBODY;
    }

    private static Optional<NodeFacts> facts(Member member) {
        return NodeFacts.parse(member.getAttributes());
    }
}
