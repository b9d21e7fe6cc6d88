package io.chancery.cluster.join;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import io.chancery.cluster.replay.ReplayFilter;
import io.chancery.cluster.replay.UsedToken;
import io.chancery.core.der.Sha256;
import io.chancery.core.time.Seldom;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Used tokens in a map of the grid: 32 bytes of key, 32 bytes of value, and nothing else is believed. */
final class HazelcastReplayFilter implements ReplayFilter {
    /**
     * How long a request waits for the grid. Half of the answers are there within 1 ms; where all cores are busy some take
     * much longer, and each that is too late costs the store, and so the same cores, more than the wait: of 1,050 replays
     * a second offered to three young nodes on two cores, 48 % went on to the database with 50 ms, 0.4 % with 200 ms, and
     * twice as many were answered in a second.
     */
    static final Duration PATIENCE = Duration.ofMillis(200);

    /** The same while the grid answers nothing at all: a request should not pay for what cannot be had. */
    private static final Duration LITTLE_PATIENCE = Duration.ofMillis(3);

    /** So many calls that were too late, and no answer to any call in between: the grid hangs. */
    private static final int HANGS = 20;

    private static final Logger LOG = LoggerFactory.getLogger(HazelcastReplayFilter.class);
    /** Calls whose end is not known, each a few hundred bytes; a grid that hangs keeps them for half a minute. */
    static final int MOST_CALLS = 4_000;

    /** More than a second's replays of different tokens; two megabytes. */
    private static final int MOST_RECENT = 10_000;

    private static final int THREADS = 2;
    private static final int FILL_AT_ONCE = 64;
    static final Duration FILL_PATIENCE = Duration.ofSeconds(5);
    private static final Duration QUIET = Duration.ofMinutes(1);

    private final Vertx vertx;
    /** Its values are whatever somebody in the grid has put there. */
    private final IMap<byte[], @Nullable Object> map;
    /**
     * The calls are asynchronous, and made here all the same: while members come and go the calling thread serialises,
     * looks for an owner, opens a connection, and none of that is promised to be quick. No executor of Vert.x: nobody
     * wants to hear on the event loop that a call has begun.
     */
    private final ThreadPoolExecutor grid = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_CALLS),
            GridThreads.named("chancery-replay"));

    private final RecentlyUsed recently = new RecentlyUsed(MOST_RECENT, System::nanoTime);
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger lateInARow = new AtomicInteger();
    private final Seldom warnings = new Seldom(QUIET, System::nanoTime);

    HazelcastReplayFilter(Vertx vertx, HazelcastInstance hazelcast) {
        this.vertx = vertx;
        this.map = hazelcast.getMap(HazelcastConfigs.USED_TOKENS);
        this.grid.allowCoreThreadTimeOut(true);
    }

    @Override
    public boolean remembers() {
        return true;
    }

    @Override
    public Future<Answer> ask(Sha256 tokenKey, Optional<Sha256> repeatKey) {
        Optional<Sha256> known = recently.get(tokenKey);
        if (known.isPresent()) {
            return Future.succeededFuture(answer(known.get(), repeatKey, Answer.RECENT));
        }
        return call(() -> map.getAsync(tokenKey.value()), patience())
                .map(found -> answer(tokenKey, found, repeatKey))
                .otherwise(Answer.UNUSABLE);
    }

    private static Answer answer(Sha256 value, Optional<Sha256> repeatKey, Answer used) {
        return repeatKey.equals(Optional.of(value)) ? Answer.REPEAT : used;
    }

    private Answer answer(Sha256 tokenKey, @Nullable Object found, Optional<Sha256> repeatKey) {
        if (found == null) {
            return Answer.MISS;
        }
        if (!(found instanceof byte[] value) || value.length != 32) {
            // Not from us: it could only be believed to refuse, and the store does that better.
            warn("an entry among the used tokens is not one of ours: somebody else writes into the grid");
            return Answer.UNUSABLE;
        }
        Sha256 known = Sha256.ofValue(value);
        recently.put(tokenKey, known);
        return answer(known, repeatKey, Answer.USED);
    }

    @Override
    public Future<Boolean> tell(UsedToken token) {
        return tell(token, patience());
    }

    Duration patience() {
        return lateInARow.get() < HANGS ? PATIENCE : LITTLE_PATIENCE;
    }

    private Future<Boolean> tell(UsedToken token, Duration patience) {
        return call(() -> set(token), patience).map(true).otherwise(false);
    }

    private CompletionStage<Void> set(UsedToken token) {
        return map.setAsync(
                token.key().value(), token.value().value(), token.life().toSeconds(), TimeUnit.SECONDS);
    }

    @Override
    public Future<Integer> fill(List<UsedToken> tokens) {
        return fill(List.copyOf(tokens), 0, 0);
    }

    private Future<Integer> fill(List<UsedToken> tokens, int from, int told) {
        if (from >= tokens.size()) {
            return Future.succeededFuture(told);
        }
        int to = Math.min(tokens.size(), from + FILL_AT_ONCE);
        List<Future<Boolean>> some = tokens.subList(from, to).stream()
                .map(token -> tell(token, FILL_PATIENCE))
                .toList();
        return Future.all(some).compose(done -> {
            int more = (int) some.stream().filter(Future::result).count();
            // A grid that does not confirm is not asked a thousand times to wait for it.
            return more < some.size() ? Future.succeededFuture(told + more) : fill(tokens, to, told + more);
        });
    }

    int callsUnderWay() {
        return calls.get();
    }

    /** Fails when the grid cannot be asked, fails the call, or has not answered in time. */
    private <T extends @Nullable Object> Future<T> call(Supplier<CompletionStage<T>> call, Duration patience) {
        if (calls.incrementAndGet() > MOST_CALLS) {
            int unused = calls.decrementAndGet();
            return Future.failedFuture("too many calls into the grid have no end yet");
        }
        CompletableFuture<T> answer = new CompletableFuture<>();
        var counted = answer.whenComplete((result, cause) -> {
            int unused = calls.decrementAndGet();
            lateInARow.set(0); // late or not, the grid has answered
        });
        try {
            grid.execute(() -> begin(call, answer));
        } catch (RejectedExecutionException e) {
            boolean unused = answer.completeExceptionally(e);
        }
        return Future.fromCompletionStage(counted, vertx.getOrCreateContext())
                .timeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                .recover(cause -> late(answer, cause));
    }

    /** Runs on a thread of the grid's own. The answer comes on one of Hazelcast's, which only passes it on. */
    private static <T extends @Nullable Object> void begin(
            Supplier<CompletionStage<T>> call, CompletableFuture<T> answer) {
        try {
            var unused = call.get()
                    .whenCompleteAsync(
                            (result, cause) -> {
                                boolean unusedAnswer =
                                        cause == null ? answer.complete(result) : answer.completeExceptionally(cause);
                            },
                            Runnable::run);
        } catch (RuntimeException | Error e) {
            boolean unused = answer.completeExceptionally(e);
        }
    }

    /** When this event loop was busy, the answer may have come in time and stand in the queue behind the clock. */
    private <T extends @Nullable Object> Future<T> late(CompletableFuture<T> answer, Throwable cause) {
        if (answer.isDone()) {
            return Future.fromCompletionStage(answer);
        }
        int unused = lateInARow.incrementAndGet();
        return Future.failedFuture(cause);
    }

    private void warn(String text) {
        if (warnings.due()) {
            LOG.atError().addKeyValue("alarm", true).log(text);
        }
    }
}
