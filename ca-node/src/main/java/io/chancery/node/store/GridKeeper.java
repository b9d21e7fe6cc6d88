package io.chancery.node.store;

import io.chancery.cluster.members.ClusterMembers;
import io.chancery.cluster.replay.ReplayFilter;
import io.chancery.cluster.replay.ReplayFilter.Answer;
import io.chancery.cluster.replay.UsedToken;
import io.chancery.core.der.Sha256;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills a grid that has lost its memory or a part of it, or has just begun, with the used tokens that the store knows:
 * once the grid is large enough to remember, by one node, and again and again until it is done. A mark among the used
 * tokens, which is lost with them, says that it was. All of it on one context; nothing waits.
 */
public final class GridKeeper {
    static final Duration EVERY = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(GridKeeper.class);
    /** No token has this key: those are hashes of text in UTF-8, of which this is none. */
    private static final Sha256 MARK =
            Sha256.digest("\u00ff the grid knows the used tokens".getBytes(StandardCharsets.ISO_8859_1));

    private final Vertx vertx;
    private final ClusterMembers members;
    private final ReplayFilter grid;
    private final InstantSource clock;
    private final SecureRandom random;
    private final GridFill fill;
    /** Whether members have died that alone remembered something; on whatever thread that was heard. */
    private final AtomicBoolean forgotten = new AtomicBoolean();

    private State state = State.UNKNOWN;
    private boolean looking;
    private String said = "";
    private long timer = -1;

    public GridKeeper(
            Vertx vertx,
            ClusterMembers members,
            Store store,
            ReplayFilter grid,
            InstantSource clock,
            SecureRandom random) {
        this.vertx = vertx;
        this.members = members;
        this.grid = grid;
        this.clock = clock;
        this.random = random;
        this.fill = new GridFill(store, grid, clock, random);
        AtomicBoolean heard = forgotten;
        members.whenForgotten(() -> heard.set(true));
    }

    /** Looks now and every two seconds from then on; does nothing where there is no grid. */
    public void start() {
        if (grid.remembers()) {
            timer = vertx.setPeriodic(0, EVERY.toMillis(), tick -> look().onComplete(looked -> {}));
        }
    }

    public void stop() {
        boolean unused = vertx.cancelTimer(timer);
    }

    /** Succeeds when what there is to do now is done or has failed; at once while that is under way. */
    Future<Void> look() {
        if (looking) {
            return Future.succeededFuture();
        }
        if (forgotten.getAndSet(false)) {
            lost();
        }
        ClusterMembers.Keeper keeper = members.keeper();
        looking = true;
        return (switch (keeper) {
                    case NOBODY -> tooSmall();
                    case SELF -> keep();
                    case ANOTHER -> Future.<Void>succeededFuture();
                })
                .onComplete(done -> looking = false);
    }

    /** What it remembered may be lost, whatever it says later. */
    private void lost() {
        state = State.LOST;
        fill.startOver();
    }

    private Future<Void> tooSmall() {
        lost();
        return Future.succeededFuture();
    }

    private Future<Void> keep() {
        return switch (state) {
            case LOST -> fill();
            case FILLED -> mark();
            case UNKNOWN, KNOWN -> grid.ask(MARK, Optional.empty()).compose(this::answered);
        };
    }

    private Future<Void> answered(Answer answer) {
        return switch (answer) {
            case MISS -> {
                lost();
                yield fill();
            }
            case USED, REPEAT -> mark(); // filled by this node, or by one that was there before
            // What the grid knew a moment ago it may have lost since, and a mark made now would hide that.
            case RECENT, UNUSABLE -> Future.succeededFuture();
        };
    }

    private Future<Void> fill() {
        return fill.run()
                .compose(told -> {
                    state = State.FILLED;
                    said = "";
                    LOG.atInfo().addKeyValue("tokens", told).log("the grid knows the used tokens");
                    return mark();
                })
                .otherwise(cause -> {
                    state = State.LOST;
                    say(String.valueOf(cause.getMessage()));
                    return null;
                });
    }

    private void say(String reason) {
        if (!reason.equals(said)) {
            said = reason;
            LOG.atInfo()
                    .addKeyValue("reason", reason)
                    .log("the grid was not told of used tokens; the store decides until it is");
        }
    }

    /** Again at each look, as nothing in the grid lasts longer than a day. */
    private Future<Void> mark() {
        return grid.tell(UsedToken.of(MARK, Optional.empty(), Optional.empty(), clock.instant(), random))
                .map(told -> {
                    if (told) {
                        state = State.KNOWN;
                    }
                    return null;
                });
    }

    private enum State {
        /** This node has just come, and the grid may have been there before. */
        UNKNOWN,
        /** It was too small at some time, it has lost a part of what it knew, or filling it has failed. */
        LOST,
        /** It knows the tokens, but has not confirmed the mark. */
        FILLED,
        /** It had the mark when it was last asked. */
        KNOWN
    }
}
