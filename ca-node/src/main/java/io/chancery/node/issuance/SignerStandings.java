package io.chancery.node.issuance;

import io.chancery.cluster.bus.NodeId;
import io.chancery.core.certificate.KeyId;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntUnaryOperator;
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
    /** Whoever is in the grid can name signers that are none, as many as it likes: of more than these some are asked. */
    static final int MOST = 32;
    /** Of those: places for signers that have not succeeded yet, but may. */
    private static final int NEW = 8;

    private final NodeId self;
    private final LongSupplier nanoTime;
    private final Map<Signer, Standing> standings = new ConcurrentHashMap<>();
    private final IntUnaryOperator random;
    private final AtomicLong asked = new AtomicLong();

    /**
     * @param nanoTime as {@link System#nanoTime()}
     * @param random answers a number from 0 to below the one that it is given
     */
    SignerStandings(NodeId self, LongSupplier nanoTime, IntUnaryOperator random) {
        this.self = self;
        this.nanoTime = nanoTime;
        this.random = random;
    }

    /**
     * Which of them to ask how they are: all, or where those are too many our own, those that succeeded last, and some of
     * the others, each time other ones. Forgets the rest.
     */
    Set<NodeId> toProbe(KeyId key, Set<NodeId> nodes) {
        Set<NodeId> chosen = new LinkedHashSet<>();
        if (nodes.size() <= MOST) {
            chosen.addAll(nodes);
        } else {
            long now = nanoTime.getAsLong();
            addSelf(chosen, nodes);
            Map<NodeId, Long> successes = new HashMap<>(); // at one moment, as they are sorted by it
            standings.forEach((signer, standing) -> {
                if (signer.key().equals(key) && standing.everSucceeded()) {
                    successes.put(signer.node(), standing.sinceSuccess(now));
                }
            });
            successes.entrySet().stream()
                    .sorted(Map.Entry.comparingByValue())
                    .map(Map.Entry::getKey)
                    .filter(nodes::contains)
                    .limit(MOST - NEW)
                    .forEach(chosen::add);
            nodes.stream().skip(random.applyAsInt(nodes.size())).limit(MOST).forEach(node -> addUpToMost(chosen, node));
            nodes.stream().limit(MOST).forEach(node -> addUpToMost(chosen, node)); // when that was near the end
        }
        boolean unused =
                standings.keySet().removeIf(signer -> signer.key().equals(key) && !chosen.contains(signer.node()));
        return chosen;
    }

    private void addSelf(Set<NodeId> chosen, Set<NodeId> nodes) {
        if (nodes.contains(self)) {
            chosen.add(self);
        }
    }

    private static void addUpToMost(Set<NodeId> chosen, NodeId node) {
        if (chosen.size() < MOST) {
            chosen.add(node);
        }
    }

    /** Not all where there are too many, but those that were asked how they are. */
    private Set<NodeId> candidates(KeyId key, Set<NodeId> nodes) {
        if (nodes.size() <= MOST) {
            return nodes;
        }
        Set<NodeId> chosen = new LinkedHashSet<>();
        addSelf(chosen, nodes);
        standings.keySet().stream()
                .filter(signer -> signer.key().equals(key) && nodes.contains(signer.node()))
                .forEach(signer -> chosen.add(signer.node()));
        nodes.stream().limit(MOST).forEach(node -> addUpToMost(chosen, node)); // nobody was asked yet
        return chosen;
    }

    /**
     * Our own first. Then those that have signed or could sign within the last seconds, the one with the fewest requests
     * of ours under way first, and of several the one that was asked longest ago, so that each gets its share. Then the
     * others, by their last success. Those that have just let us wait are left out.
     */
    List<NodeId> order(KeyId key, Set<NodeId> nodes) {
        long now = nanoTime.getAsLong();
        return candidates(key, nodes).stream()
                .map(node -> Rank.of(node, seen(key, node, now), node.equals(self)))
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

    /** It said that it cannot sign, or declined to. */
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
        private Optional<Long> lastSuccess = Optional.empty();
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
            lastSuccess = Optional.of(now);
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
            return new Seen(underWay, lastAsked, hasSucceeded ? sinceSuccess(now) : Long.MAX_VALUE, skipped);
        }

        synchronized boolean everSucceeded() {
            return lastSuccess.isPresent();
        }

        /** In nanoseconds; the greatest there is when it never has. */
        synchronized long sinceSuccess(long now) {
            return lastSuccess.map(at -> now - at).orElse(Long.MAX_VALUE);
        }

        private static boolean isAhead(Optional<Long> end, long now) {
            return end.isPresent() && end.get() - now > 0;
        }
    }

    private record Seen(int underWay, long lastAsked, long sinceSuccess, boolean skipped) {
        static final Seen NOTHING = new Seen(0, 0, Long.MAX_VALUE, false);
    }

    /**
     * @param sinceSuccess in nanoseconds, the same for all that are fresh; the greatest there is when there was none
     */
    private record Rank(NodeId node, boolean self, boolean skipped, long sinceSuccess, int underWay, long lastAsked) {
        static final Comparator<Rank> BEST_FIRST = Comparator.comparing((Rank rank) -> !rank.self())
                .thenComparingLong(Rank::sinceSuccess)
                .thenComparingInt(Rank::underWay)
                .thenComparingLong(Rank::lastAsked);

        static Rank of(NodeId node, Seen seen, boolean self) {
            long since = seen.sinceSuccess() < FRESH.toNanos() ? 0 : seen.sinceSuccess();
            return new Rank(node, self, seen.skipped(), since, seen.underWay(), seen.lastAsked());
        }
    }
}
