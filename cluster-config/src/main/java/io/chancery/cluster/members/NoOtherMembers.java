package io.chancery.cluster.members;

import io.chancery.core.certificate.KeyId;
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
    public Keeper keeper() {
        return Keeper.NOBODY;
    }

    @Override
    public Optional<String> deaf() {
        return Optional.empty();
    }

    @Override
    public void inForce(NodeFacts.Files files, List<KeyId> keys) {
        facts = facts.withFiles(files, keys);
    }

    @Override
    public void identityInForce(ClusterIdentity identity) {
        facts = facts.withIdentity(identity);
    }

    @Override
    public void whenDeafForGood(Runnable action) {}

    @Override
    public void whenForgotten(Runnable action) {}
}
