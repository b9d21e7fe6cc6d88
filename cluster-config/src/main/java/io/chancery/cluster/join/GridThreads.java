package io.chancery.cluster.join;

import java.util.concurrent.ThreadFactory;

/** Threads that call into the grid, which may keep them for {@link HazelcastConfigs#LOST_ANSWER} and longer: no end of a process waits for them. */
final class GridThreads {
    private GridThreads() {}

    static ThreadFactory named(String name) {
        return run -> {
            Thread thread = new Thread(run, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}
