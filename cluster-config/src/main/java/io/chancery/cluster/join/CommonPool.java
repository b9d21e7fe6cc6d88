package io.chancery.cluster.join;

/**
 * The JDK's common pool, on which Hazelcast lets the ends of its calls run. Where that has one thread, as on two
 * processors, Hazelcast starts a thread for each end instead: two for every token that a node asks the grid about.
 */
public final class CommonPool {
    private static final String PARALLELISM = "java.util.concurrent.ForkJoinPool.common.parallelism";

    /** So that one end which takes long does not keep the others; threads are started when there is something to do. */
    private static final int LEAST = 4;

    private CommonPool() {}

    /** To be called before anything uses the pool; whoever has set its size knows better. */
    public static void prepare() {
        int usual = Runtime.getRuntime().availableProcessors() - 1;
        if (usual < LEAST && System.getProperty(PARALLELISM) == null) {
            String unused = System.setProperty(PARALLELISM, String.valueOf(LEAST));
        }
    }
}
