package io.chancery.cluster.replay;

import io.chancery.core.der.Sha256;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** The filter of a node that runs alone: there is no grid, and the store decides everything. */
public final class ForgetfulReplayFilter implements ReplayFilter {
    @Override
    public boolean remembers() {
        return false;
    }

    @Override
    public Future<Answer> ask(Sha256 tokenKey, Optional<Sha256> repeatKey) {
        return Future.succeededFuture(Answer.MISS);
    }

    @Override
    public Future<Boolean> tell(UsedToken token) {
        return Future.succeededFuture(true);
    }

    @Override
    public Future<Integer> fill(List<UsedToken> tokens) {
        return Future.succeededFuture(tokens.size());
    }
}
