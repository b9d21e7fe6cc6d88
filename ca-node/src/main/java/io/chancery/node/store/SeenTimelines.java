package io.chancery.node.store;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The highest timeline that this process has seen of each system: one that comes with a lower one is an old primary, which
 * has not seen what its successor took. Also after another system was looked at in between. Any thread.
 */
final class SeenTimelines {
    private final Map<String, Long> highest = new ConcurrentHashMap<>();

    /** Whether no server was seen yet. */
    boolean none() {
        return highest.isEmpty();
    }

    /** Why this server is not written to; empty when it is as young as any that was seen, which it then stands for. */
    Optional<String> refuse(PostgresIdentity server) {
        long seen = highest.merge(server.system(), server.timeline(), Math::max);
        return server.timeline() < seen
                ? Optional.of("an old primary: its timeline is " + server.timeline() + ", and " + seen
                        + " has been seen; stop it")
                : Optional.empty();
    }
}
