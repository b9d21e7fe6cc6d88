package io.chancery.node.store;

import java.time.Duration;

/** Sees how the store's writer fares, for metrics. Called on the writer's thread, which waits for it meanwhile. */
public interface WriteObserver {
    /** Sees nothing. */
    WriteObserver NONE = new WriteObserver() {
        @Override
        public void committed(int writes, Duration commit) {}

        @Override
        public void failed(int writes) {}
    };

    /**
     * One transaction is durable.
     *
     * @param writes that shared it, 1 or more
     * @param commit how long the commit alone took, fsync included
     */
    void committed(int writes, Duration commit);

    /**
     * The store failed these writes: they were not done, or their commit is in doubt. Not counted: a write that waited
     * past its deadline, and one that found no place in the queue.
     */
    void failed(int writes);
}
