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
    private volatile Progress progress = Progress.NONE;

    public GridFill(Store store, ReplayFilter grid, InstantSource clock, SecureRandom random) {
        this.store = store;
        this.grid = grid;
        this.clock = clock;
        this.random = random;
    }

    /** The next run begins with the first token. */
    public void startOver() {
        progress = Progress.NONE;
    }

    /**
     * Answers how many tokens the grid has confirmed; fails where the store fails or the grid does not confirm all that
     * it is told. The next run goes on where this one failed. One at a time.
     */
    public Future<Integer> run() {
        Progress before = progress;
        return store.usedTokens(before.last(), Deadline.in(PAGE)).compose(rows -> {
            if (rows.isEmpty()) {
                startOver();
                return Future.succeededFuture(before.told());
            }
            Instant now = clock.instant();
            List<UsedToken> tokens = rows.stream()
                    .map(row -> UsedToken.of(row.key(), row.expiresAt(), row.repeatKey(), now, random))
                    .toList();
            UsedTokenRow last = rows.get(rows.size() - 1);
            return grid.fill(tokens).compose(some -> {
                if (some < tokens.size()) {
                    return Future.failedFuture("the grid does not confirm all that it is told");
                }
                progress = new Progress(Optional.of(last.key()), before.told() + some);
                return run();
            });
        });
    }

    /**
     * How far the grid has confirmed whole pages.
     *
     * @param last token of the last of them
     * @param told how many tokens there were until then
     */
    private record Progress(Optional<Sha256> last, int told) {
        static final Progress NONE = new Progress(Optional.empty(), 0);
    }
}
