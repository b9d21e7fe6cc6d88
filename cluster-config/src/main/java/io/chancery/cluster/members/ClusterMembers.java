package io.chancery.cluster.members;

import io.chancery.core.certificate.KeyId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Who is in the cluster, as this node knows it. Any thread; nothing waits. */
public interface ClusterMembers {
    /** What is known at this moment, the nodes in the order of their ids. */
    List<Member> members();

    /** Who sees to it that the grid knows the used tokens; several may believe so for a moment, which does no harm. */
    Keeper keeper();

    /**
     * Why this node seems to be deaf: others are in the grid, and none of them reaches it over the bus. Empty when it is
     * not, and for a node that is alone.
     */
    Optional<String> deaf();

    /**
     * Other files are in force here now.
     *
     * @param keys that this node signs with by them
     */
    void inForce(NodeFacts.Files files, List<KeyId> keys);

    /** This node has another bus certificate now, or believes other cluster CAs. */
    void identityInForce(ClusterIdentity identity);

    /**
     * Runs whenever it is found, every few seconds, that this node has been deaf since a split grid was merged, for so
     * long that it will not heal by itself.
     */
    void whenDeafForGood(Runnable action);

    /**
     * Runs whenever members have died of which one was the other's backup, so that a part of what the grid remembered is
     * lost. On a thread of the grid's, and from some time after this call on.
     */
    void whenForgotten(Runnable action);

    /** Whose it is to fill the grid's memory. */
    enum Keeper {
        /** There is no grid, or too small a part of it is here to remember anything. */
        NOBODY,
        /** This node's: of those that have a store it has been there longest. */
        SELF,
        ANOTHER
    }

    /**
     * One node.
     *
     * @param facts as it last told them itself
     * @param self whether it is this one
     * @param roundTrip of the last question over the bus; empty when it was not answered, and for this node
     */
    record Member(NodeFacts facts, boolean self, Optional<Duration> roundTrip) {}
}
