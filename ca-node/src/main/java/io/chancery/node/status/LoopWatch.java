package io.chancery.node.status;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** Whether the event loops turn: each one makes a mark now and then, and one without a fresh mark is stuck. Any thread. */
final class LoopWatch {
    private static final Duration EVERY = Duration.ofSeconds(1);
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final Duration every;
    private final Duration limit;
    private final List<AtomicLong> marks = new CopyOnWriteArrayList<>();

    LoopWatch() {
        this(EVERY, LIMIT);
    }

    LoopWatch(Duration every, Duration limit) {
        this.every = every;
        this.limit = limit;
    }

    /** @param loops how many event loops the Vert.x has */
    Future<Void> start(Vertx vertx, int loops) {
        return vertx.deployVerticle(Mark::new, new DeploymentOptions().setInstances(loops))
                .mapEmpty();
    }

    /** Which loops do not turn, or empty. Never waits. */
    Optional<String> stuck() {
        long now = System.nanoTime();
        long stuck = marks.stream()
                .filter(mark -> now - mark.get() > limit.toNanos())
                .count();
        return stuck == 0
                ? Optional.empty()
                : Optional.of(
                        stuck + " of " + marks.size() + " event loops have not turned for " + limit.toMillis() + " ms");
    }

    private final class Mark extends VerticleBase {
        @Override
        public Future<?> start() {
            AtomicLong mark = new AtomicLong(System.nanoTime());
            marks.add(mark);
            long unused = vertx.setPeriodic(every.toMillis(), tick -> mark.set(System.nanoTime()));
            return Future.succeededFuture();
        }
    }
}
