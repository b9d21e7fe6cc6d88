package io.chancery.cluster.join;

import io.chancery.core.der.Sha256;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * What the grid has lately said of used tokens, so that one which comes again and again is not asked about each time. A
 * token that is used stays so: what stands here can only refuse, and for a minute longer than the grid at most. Any thread.
 */
final class RecentlyUsed {
    private static final long KEPT_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final LongSupplier nanoTime;
    private final Map<Sha256, Seen> seen;

    /**
     * @param most that are kept, some 200 octets each; beyond it the one that was longest not asked for goes
     * @param nanoTime as {@link System#nanoTime()}
     */
    RecentlyUsed(int most, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.seen = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Sha256, Seen> eldest) {
                return size() > most;
            }
        };
    }

    private record Seen(Sha256 value, long at) {}

    /** The grid has just answered so. */
    synchronized void put(Sha256 tokenKey, Sha256 value) {
        seen.put(tokenKey, new Seen(value, nanoTime.getAsLong()));
    }

    /** What it answered within the last minute; empty as well when it knew of nothing. */
    synchronized Optional<Sha256> get(Sha256 tokenKey) {
        Seen found = seen.get(tokenKey);
        if (found == null) {
            return Optional.empty();
        }
        if (nanoTime.getAsLong() - found.at >= KEPT_NANOS) {
            var unused = seen.remove(tokenKey);
            return Optional.empty();
        }
        return Optional.of(found.value);
    }
}
