package io.chancery.node.issuance;

import io.chancery.cluster.replay.ReplayFilter;
import io.chancery.cluster.replay.UsedToken;
import io.chancery.core.der.Sha256;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A grid that notes what it is asked and told, among the ledger's calls, and answers as it is told. */
public final class RecordingReplayFilter implements ReplayFilter {
    public final List<Optional<Sha256>> asked = Collections.synchronizedList(new ArrayList<>());
    public final List<UsedToken> told = Collections.synchronizedList(new ArrayList<>());
    public Answer answer = Answer.MISS;
    public boolean confirms = true;
    /** How many tokens of each of the next fills are confirmed; all, once there are no more of these. */
    public final Queue<Integer> confirmed = new ConcurrentLinkedQueue<>();

    private final List<String> calls;

    public RecordingReplayFilter(List<String> calls) {
        this.calls = calls;
    }

    @Override
    public boolean remembers() {
        return true;
    }

    @Override
    public Future<Answer> ask(Sha256 tokenKey, Optional<Sha256> repeatKey) {
        calls.add("ask");
        asked.add(repeatKey);
        return Future.succeededFuture(answer);
    }

    @Override
    public Future<Boolean> tell(UsedToken token) {
        calls.add("tell");
        told.add(token);
        return Future.succeededFuture(confirms);
    }

    @Override
    public Future<Integer> fill(List<UsedToken> tokens) {
        told.addAll(tokens);
        Integer some = confirmed.poll();
        return Future.succeededFuture(some != null ? some : confirms ? tokens.size() : 0);
    }
}
