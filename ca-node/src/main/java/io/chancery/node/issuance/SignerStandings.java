package io.chancery.node.issuance;

import io.chancery.cluster.bus.NodeId;
import io.chancery.core.certificate.KeyId;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * How each signer has done lately, as one node saw it, and so which of them is asked first. A signer is one node with one
 * key. Any thread.
 */
final class SignerStandings {
    /** How long a signer that did not answer for a certificate, or to a probe, is passed over. */
    static final Duration SKIPPED = Duration.ofSeconds(5);
    /** Signers whose last success is younger than this count as equally good. */
    static final Duration FRESH = Duration.ofSeconds(10);

    private final NodeId self;
    private final LongSupplier nanoTime;
    private final Map<Signer, Standing> standings = new ConcurrentHashMap<>();
    private final AtomicLong asked = new AtomicLong();

    /** @param nanoTime as {@link System#nanoTime()} */
    SignerStandings(NodeId self, LongSupplier nanoTime) {
        this.self = self;
        this.nanoTime = nanoTime;
    }

    /**
     * Our own first. Then those that have signed or could sign within the last seconds, the one with the fewest requests
     * of ours under way first, and of several the one that was asked longest ago, so that each gets its share. Then the
     * others, by their last success. Those that have just let us wait are left out.
     */
    List<NodeId> order(KeyId key, Collection<NodeId> nodes) {
        long now = nanoTime.getAsLong();
        return nodes.stream()
                .map(node -> Rank.of(node, seen(key, node, now), node.equals(self), now))
                .filter(rank -> !rank.skipped())
                .sorted(Rank.BEST_FIRST)
                .map(Rank::node)
                .toList();
    }

    /** One more request is under way to it. */
    void asking(KeyId key, NodeId node) {
        standing(key, node).begin(asked.incrementAndGet());
    }

    /** A request is under way no more, however it ended. */
    void asked(KeyId key, NodeId node) {
        Standing standing = standings.get(new Signer(key, node));
        if (standing != null) {
            standing.end();
        }
    }

    /** It has signed, or said that it can. */
    void succeeded(KeyId key, NodeId node) {
        standing(key, node).succeeded(nanoTime.getAsLong());
    }

    /** It said that it cannot sign. */
    void failed(KeyId key, NodeId node) {
        standing(key, node).failed();
    }

    /** It let a request wait: it is passed over, whatever it says, and comes last until it has succeeded again. */
    void silent(KeyId key, NodeId node) {
        standing(key, node).silent(nanoTime.getAsLong() + SKIPPED.toNanos());
    }

    /**
     * It let a probe wait: the same, but only until it has succeeded again, as a probe may come upon an HSM that was idle
     * and is slow once.
     */
    void silentToProbe(KeyId key, NodeId node) {
        standing(key, node).silentToProbe(nanoTime.getAsLong() + SKIPPED.toNanos());
    }

    /** Forgets the others: whoever is in the grid can name signers that are none. */
    void keep(KeyId key, Collection<NodeId> nodes) {
        boolean unused =
                standings.keySet().removeIf(signer -> signer.key().equals(key) && !nodes.contains(signer.node()));
    }

    private Seen seen(KeyId key, NodeId node, long now) {
        Standing standing = standings.get(new Signer(key, node));
        return standing == null ? Seen.NOTHING : standing.seen(now);
    }

    private Standing standing(KeyId key, NodeId node) {
        return standings.computeIfAbsent(new Signer(key, node), signer -> new Standing());
    }

    private record Signer(KeyId key, NodeId node) {}

    private static final class Standing {
        private int underWay;
        private long lastAsked;
        private boolean hasSucceeded;
        private long lastSuccess;
        private Optional<Long> skippedUntil = Optional.empty();
        private Optional<Long> skippedForProbeUntil = Optional.empty();

        synchronized void begin(long number) {
            underWay++;
            lastAsked = number;
        }

        synchronized void end() {
            underWay = Math.max(0, underWay - 1); // it may have been forgotten meanwhile
        }

        synchronized void succeeded(long now) {
            hasSucceeded = true;
            lastSuccess = now;
            skippedForProbeUntil = Optional.empty();
        }

        synchronized void failed() {
            hasSucceeded = false;
        }

        synchronized void silent(long until) {
            hasSucceeded = false;
            skippedUntil = Optional.of(until);
        }

        synchronized void silentToProbe(long until) {
            hasSucceeded = false;
            skippedForProbeUntil = Optional.of(until);
        }

        /** At one moment: an order must not change while it is being sorted by. */
        synchronized Seen seen(long now) {
            boolean skipped = isAhead(skippedUntil, now) || isAhead(skippedForProbeUntil, now);
            return new Seen(underWay, lastAsked, hasSucceeded, lastSuccess, skipped);
        }

        private static boolean isAhead(Optional<Long> end, long now) {
            return end.isPresent() && end.get() - now > 0;
        }
    }

    private record Seen(int underWay, long lastAsked, boolean hasSucceeded, long lastSuccess, boolean skipped) {
        static final Seen NOTHING = new Seen(0, 0, false, 0, false);
    }

    /**
     * @param sinceSuccess in nanoseconds, the same for all that are fresh; the greatest there is when there was none
     */
    private record Rank(NodeId node, boolean self, boolean skipped, long sinceSuccess, int underWay, long lastAsked) {
        static final Comparator<Rank> BEST_FIRST = Comparator.comparing((Rank rank) -> !rank.self())
                .thenComparingLong(Rank::sinceSuccess)
                .thenComparingInt(Rank::underWay)
                .thenComparingLong(Rank::lastAsked);

        static Rank of(NodeId node, Seen seen, boolean self, long now) {
            long since = seen.hasSucceeded() ? now - seen.lastSuccess() : Long.MAX_VALUE;
            return new Rank(
                    node,
                    self,
                    seen.skipped(),
                    since < FRESH.toNanos() ? 0 : since,
                    seen.underWay(),
                    seen.lastAsked());
        }
    }
}
