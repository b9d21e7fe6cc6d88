package io.chancery.node.store;

import io.chancery.cluster.bus.NodeId;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * This process's row in the store, written every few seconds. That it is there afterwards shows that the store has
 * forgotten nothing of what it said was durable until then.
 */
final class Probes {
    private final String node;
    private final String process;
    private final String rows;
    private final AtomicLong numbers = new AtomicLong();
    private final AtomicLong durable = new AtomicLong();

    /**
     * @param node this node's id
     * @param process random text of this process
     * @param shared whether other processes write to the store, too
     */
    Probes(String node, String process, boolean shared) {
        this.node = node;
        this.process = process;
        this.rows = shared && node.equals(NodeId.ALONE.value()) ? ofProcess() : node;
    }

    String node() {
        return node;
    }

    /** This process of the node, which {@link #nodeOf} knows by it. */
    String ofProcess() {
        return node + " " + process;
    }

    /**
     * What this process's rows are found by: its node's id, unless all nodes without a cluster have that one. Two of them
     * that shared a row would each take the other's write for a store that has forgotten its own.
     */
    String rows() {
        return rows;
    }

    /** The node whose process, or whose rows, are called so. */
    static String nodeOf(String rows) {
        return rows.split(" ", 2)[0];
    }

    /** Writes the next one; answers its number. */
    long write(SqlSession session) throws SQLException {
        long number = numbers.incrementAndGet();
        int unused = session.update(
                "INSERT INTO store_probe (node, process, number, at) VALUES (?, ?, ?, ?) ON CONFLICT (node)"
                        + " DO UPDATE SET process = excluded.process, number = excluded.number, at = excluded.at",
                rows,
                process,
                number,
                session.now().getEpochSecond());
        return number;
    }

    /** That one is durable, says the store. */
    void acknowledged(long number) {
        long unused = durable.accumulateAndGet(number, Math::max);
    }

    /** Whether the store has said of any that it is durable. */
    boolean hasMemory() {
        return durable.get() > 0;
    }

    /** What was durable before no longer counts: a new epoch has begun. */
    void begin() {
        durable.set(0);
    }

    /** Whether the store still knows the last one that it said was durable; also when there was none. */
    boolean remembered(SqlSession session) throws SQLException {
        long last = durable.get();
        return last == 0
                || session.first(
                                "SELECT 1 FROM store_probe WHERE node = ? AND process = ? AND number >= ?",
                                row -> true,
                                rows,
                                process,
                                last)
                        .isPresent();
    }
}
