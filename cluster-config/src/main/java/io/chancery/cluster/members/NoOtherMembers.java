package io.chancery.cluster.members;

import java.util.List;
import java.util.Optional;

/** The cluster of a node that runs alone. */
public final class NoOtherMembers implements ClusterMembers {
    private volatile NodeFacts facts;

    public NoOtherMembers(NodeFacts facts) {
        this.facts = facts;
    }

    @Override
    public List<Member> members() {
        return List.of(new Member(facts, true, Optional.empty()));
    }

    @Override
    public Optional<String> deaf() {
        return Optional.empty();
    }

    @Override
    public void filesInForce(NodeFacts.Files files) {
        facts = facts.withFiles(files);
    }

    @Override
    public void identityInForce(ClusterIdentity identity) {
        facts = facts.withIdentity(identity);
    }

    @Override
    public void whenDeafForGood(Runnable action) {}
}
