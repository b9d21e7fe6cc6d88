package io.chancery.node.status;

import io.chancery.cluster.replay.ReplayFilter;
import io.chancery.cluster.replay.UsedToken;
import io.chancery.core.der.Sha256;
import io.vertx.core.Future;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A filter whose answers are counted. */
final class CountedReplayFilter implements ReplayFilter {
    private static final String TOLD = "told";
    private static final String FAILED = "failed";

    private final ReplayFilter filter;
    private final Counter counter;

    CountedReplayFilter(ReplayFilter filter, Counter counter) {
        this.filter = filter;
        this.counter = counter;
    }

    /** Shows every counter from the start. */
    static void zero(Counter counter) {
        for (Answer answer : Answer.values()) {
            counter.count(MetricNames.GRID_ASKED, 0, "answer", label(answer));
        }
        counter.count(MetricNames.GRID_TOLD, 0, "outcome", TOLD);
        counter.count(MetricNames.GRID_TOLD, 0, "outcome", FAILED);
    }

    private static String label(Answer answer) {
        return answer.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public boolean remembers() {
        return filter.remembers();
    }

    @Override
    public Future<Answer> ask(Sha256 tokenKey, Optional<Sha256> repeatKey) {
        return filter.ask(tokenKey, repeatKey)
                .onSuccess(answer -> counter.count(MetricNames.GRID_ASKED, 1, "answer", label(answer)));
    }

    @Override
    public Future<Boolean> tell(UsedToken token) {
        return filter.tell(token).onSuccess(heard -> noted(heard ? 1 : 0, heard ? 0 : 1));
    }

    @Override
    public Future<Integer> fill(List<UsedToken> tokens) {
        return filter.fill(tokens).onSuccess(heard -> noted(heard, tokens.size() - heard));
    }

    private void noted(int told, int failed) {
        counter.count(MetricNames.GRID_TOLD, told, "outcome", TOLD);
        counter.count(MetricNames.GRID_TOLD, failed, "outcome", FAILED);
    }

    /** Adds to a counter with labels. */
    interface Counter {
        void count(String name, double by, String... labels);
    }
}
