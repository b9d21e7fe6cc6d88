package io.chancery.cluster.bus;

import java.util.regex.Pattern;

/** Names one node of a cluster, as chancery.json's {@code cluster.node} does; part of bus addresses and log lines. */
public record NodeId(String value) implements Comparable<NodeId> {
    private static final Pattern FORM = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    /** The id of a node that runs alone, without {@code cluster} in its configuration. */
    public static final NodeId ALONE = new NodeId("alone");

    public NodeId {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "a node id has 1 to 63 lower-case letters, digits and inner hyphens: " + value);
        }
    }

    /** Sets of ids stay quick however many of them somebody has made that have the same hash. */
    @Override
    public int compareTo(NodeId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
