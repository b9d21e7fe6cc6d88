package io.chancery.cluster.join;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.signers.TokenTurns;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns at tokens, in a map of the grid: who is at one, as an entry that ends by itself, and which refusal was last told.
 * Whoever is in the grid can write here: the worst that comes of it is that a signer waits for an operator.
 */
final class HazelcastTokenTurns implements TokenTurns {
    private static final Logger LOG = LoggerFactory.getLogger(HazelcastTokenTurns.class);
    private static final long TURN_SECONDS = 10;
    private static final long REFUSAL_HOURS = 24;
    private static final Duration GRID_PATIENCE = Duration.ofSeconds(1);
    private static final long LOOK_AGAIN_MILLIS = 50;
    /** So many turns of others are waited for, of whatever length: whoever is in the grid can name others without an end. */
    private static final int MOST_TURNS = 10;
    /** A grid that hangs keeps a thread for {@link HazelcastConfigs#LOST_ANSWER}, or longer. */
    private static final int GRID_THREADS = 4;

    private static final Pattern ID = Pattern.compile("[!-~]{1,64}");

    /** Its values are whatever somebody in the grid has put there. */
    private final IMap<String, @Nullable Object> map;

    private final String self;
    /** Those of this process that are not closed: the last one, or ones that were left to a login that hangs. */
    private final Set<GridTurn> open = ConcurrentHashMap.newKeySet();

    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            0, GRID_THREADS, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), GridThreads.named("chancery-token-turns"));

    private final Duration gridPatience;

    HazelcastTokenTurns(HazelcastInstance hazelcast, NodeId self) {
        this(hazelcast, self, GRID_PATIENCE);
    }

    /** @param gridPatience how long the grid may take for one answer */
    HazelcastTokenTurns(HazelcastInstance hazelcast, NodeId self, Duration gridPatience) {
        this.gridPatience = gridPatience;
        this.map = hazelcast.getMap(HazelcastConfigs.TOKENS);
        this.self = self.value();
    }

    @Override
    public Turn take(String token, Duration patience) {
        String key = "turn/" + token;
        long end = System.nanoTime() + patience.toNanos();
        long last = System.nanoTime() + MOST_TURNS * patience.toNanos();
        Object waitsFor = self;
        boolean again = false;
        while (true) {
            Optional<Object> holder = ask(() -> map.putIfAbsent(key, self, TURN_SECONDS, TimeUnit.SECONDS));
            if (!again && holder.equals(Optional.of(self))) {
                // Its own, left to a login that hangs, or by what it was before it died: as long as any other from now
                // on, if it is still there when that is said.
                again = true;
                Optional<Object> unused = ask(() -> map.setTtl(key, TURN_SECONDS, TimeUnit.SECONDS));
                continue;
            }
            if (holder.isEmpty()
                    || holder.get().equals(self)
                    || System.nanoTime() - end >= 0
                    || System.nanoTime() - last >= 0
                    || !pause()) {
                return begin(token);
            }
            if (!holder.get().equals(waitsFor)) { // another one's turn has begun, and may last as long
                waitsFor = holder.get();
                end = System.nanoTime() + patience.toNanos();
            }
        }
    }

    private Turn begin(String token) {
        boolean unusedOver = open.removeIf(GridTurn::isOver);
        GridTurn turn = new GridTurn(token);
        boolean unused = open.add(turn);
        return turn;
    }

    /** Whether the wait was not broken off. */
    private static boolean pause() {
        try {
            boolean unused = new CountDownLatch(1).await(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Empty as well when the grid does not answer in time, or refuses: then this node sees no other. */
    private Optional<Object> ask(Callable<? extends @Nullable Object> question) {
        FutureTask<? extends @Nullable Object> asked = new FutureTask<>(question);
        try {
            threads.execute(asked);
            return Optional.ofNullable(asked.get(gridPatience.toMillis(), TimeUnit.MILLISECONDS));
        } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
            LOG.atWarn().addKeyValue("reason", String.valueOf(e.getMessage())).log("the grid knows no turns at tokens");
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private final class GridTurn implements Turn {
        private final String token;
        private final long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TURN_SECONDS);

        GridTurn(String token) {
            this.token = token;
        }

        @Override
        public Optional<String> refusal() {
            return ask(() -> map.get("refused/" + token))
                    .flatMap(found ->
                            found instanceof String id && ID.matcher(id).matches()
                                    ? Optional.of(id)
                                    : Optional.empty());
        }

        @Override
        public void refused(String id) {
            Optional<Object> unused = ask(() -> {
                map.set("refused/" + token, id, REFUSAL_HOURS, TimeUnit.HOURS);
                return null;
            });
        }

        @Override
        public void accepted() {
            Optional<Object> unused = ask(() -> {
                map.delete("refused/" + token);
                return null;
            });
        }

        boolean isOver() {
            return System.nanoTime() - end >= 0;
        }

        /** What this process has left to a login that hangs keeps others away for its whole time, whoever logs in here after it. */
        @Override
        public void close() {
            boolean unusedOpen = open.remove(this);
            if (open.stream().noneMatch(left -> left.token.equals(token) && !left.isOver())) {
                Optional<Object> unused = ask(() -> map.remove("turn/" + token, self));
            }
        }
    }
}
