package io.chancery.conformance;

import java.util.List;

/**
 * Where a node of a test's cluster runs.
 *
 * @param host on which it listens with all its ports
 * @param management its address for that port; with port 0 any free one
 * @param launcher what its command is put behind, as {@code ip netns exec}; empty for none
 */
record NodePlace(String host, int hazelcast, int bus, int api, String management, List<String> launcher) {
    /** On loopback, with ports that were free a moment ago. */
    static NodePlace onLoopback(int hazelcast, int bus, int api) {
        return new NodePlace("127.0.0.1", hazelcast, bus, api, "127.0.0.1:0", List.of());
    }

    boolean onLoopback() {
        return host.equals("127.0.0.1");
    }
}
