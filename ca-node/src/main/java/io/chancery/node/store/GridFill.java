package io.chancery.node.store;

import io.chancery.cluster.replay.ReplayFilter;
import io.chancery.cluster.replay.UsedToken;
import io.chancery.core.der.Sha256;
import io.chancery.node.issuance.Deadline;
import io.vertx.core.Future;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Tells a grid that knows nothing what the store knows of used tokens, so that replays are refused there again. The
 * store decides whether or not this has been done. Any thread; nothing waits.
 */
public final class GridFill {
    private static final Duration PAGE = Duration.ofSeconds(10);

    private final Store store;
    private final ReplayFilter grid;
    private final InstantSource clock;
    private final SecureRandom random;

    public GridFill(Store store, ReplayFilter grid, InstantSource clock, SecureRandom random) {
        this.store = store;
        this.grid = grid;
        this.clock = clock;
        this.random = random;
    }

    /** Answers how many tokens the grid has confirmed; fails where the store fails or the grid confirms nothing. */
    public Future<Integer> run() {
        return from(Optional.empty(), 0);
    }

    private Future<Integer> from(Optional<Sha256> after, int told) {
        return store.usedTokens(after, Deadline.in(PAGE)).compose(rows -> {
            if (rows.isEmpty()) {
                return Future.succeededFuture(told);
            }
            Instant now = clock.instant();
            List<UsedToken> tokens = rows.stream()
                    .map(row -> UsedToken.of(row.key(), row.expiresAt(), row.repeatKey(), now, random))
                    .toList();
            UsedTokenRow last = rows.get(rows.size() - 1);
            return grid.fill(tokens)
                    .compose(some -> some == 0
                            ? Future.failedFuture("the grid confirms nothing, after " + told + " tokens")
                            : from(Optional.of(last.key()), told + some));
        });
    }
}
