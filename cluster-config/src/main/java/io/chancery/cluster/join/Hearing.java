package io.chancery.cluster.join;

import java.util.Optional;

/**
 * Whether others reach this node over the bus, by when they last did. All times are those of {@link System#nanoTime()}.
 * Any thread.
 */
final class Hearing {
    private final HazelcastMembers.Pace pace;
    /** When the last question came, or since when there is somebody who could ask, whichever is later. */
    private long lastHeard;

    private boolean peers;
    private boolean merged;
    private long lastMerge;

    Hearing(HazelcastMembers.Pace pace, long now) {
        this.pace = pace;
        this.lastHeard = now;
    }

    synchronized void heard(long now) {
        lastHeard = now;
        merged = false;
    }

    synchronized void peers(int count, long now) {
        if (count > 0 && !peers) {
            lastHeard = now;
        }
        peers = count > 0;
    }

    synchronized void merged(long now) {
        merged = true;
        lastMerge = now;
    }

    synchronized Optional<String> deaf(long now) {
        long silent = now - lastHeard;
        return peers && silent > pace.deaf().toNanos()
                ? Optional.of("other nodes are in the grid, and for " + silent / 1_000_000_000
                        + " s none of them has reached this one over the bus")
                : Optional.empty();
    }

    /** Nobody has asked since the merge, and it is long ago. */
    synchronized boolean deafSinceMerge(long now) {
        return merged && now - lastMerge > pace.forGood().toNanos() && deaf(now).isPresent();
    }
}
