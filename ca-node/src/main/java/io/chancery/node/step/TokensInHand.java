package io.chancery.node.step;

import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuance.TokenUse;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The one-time tokens for which this node is asking webhooks or running templates: one request each. Whoever has a token could
 * else have it done any number of times at once. Holds no more of them than requests are under way. Any thread.
 */
final class TokensInHand {
    private final Set<Sha256> keys = ConcurrentHashMap.newKeySet();

    /**
     * What the work gives; fails with DEADLINE_EXCEEDED at once, and does nothing, while another request with the token is under
     * way here: what becomes of that decides about this one, as if the store were asked.
     *
     * @param token empty where none is used up
     */
    <T> Future<T> alone(Optional<TokenUse> token, Supplier<Future<T>> work) {
        if (token.isEmpty()) {
            return work.get();
        }
        Sha256 key = token.get().key();
        if (!keys.add(key)) {
            return Future.failedFuture(CaException.hidden(
                    ErrorCode.DEADLINE_EXCEEDED, "another request with this token is still under way on this node"));
        }
        return Future.succeededFuture()
                .compose(first -> work.get())
                .onComplete(done -> keys.remove(key)); // also when the work throws
    }
}
