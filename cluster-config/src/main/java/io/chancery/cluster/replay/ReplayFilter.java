package io.chancery.cluster.replay;

import io.chancery.core.der.Sha256;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/**
 * What the grid remembers of used tokens: trusted to refuse, never to permit. A token is used if the grid or the store
 * says so; whatever the grid cannot say, the store decides. Any thread; no call waits, no Future fails, and each is
 * complete within some milliseconds, 200 at most, on the caller's context; {@link #fill} within seconds.
 */
public interface ReplayFilter {
    /** Whether there is a grid at all: without one nothing is ever remembered. */
    boolean remembers();

    /**
     * Whether a token is remembered.
     *
     * @param tokenKey SHA-256 of the token id
     * @param repeatKey SHA-256(token id ‖ Idempotency-Key ‖ SHA-256(CSR)); empty when the client sent no key
     */
    Future<Answer> ask(Sha256 tokenKey, Optional<Sha256> repeatKey);

    /** Remembers a token that is used for good; answers whether the grid has confirmed it in time. */
    Future<Boolean> tell(UsedToken token);

    /**
     * Remembers many, for a grid that has lost its memory: not so quick as {@link #tell}, and never more than a few at
     * once. Answers how many the grid has confirmed; after some that it has not, the rest is not tried.
     */
    Future<Integer> fill(List<UsedToken> tokens);

    /** What the grid says of a token. */
    enum Answer {
        /** Used, and this is no repeat of the request that used it. */
        USED,
        /** The same, as the grid said within the last minute: it was not asked again. */
        RECENT,
        /** Used by a request with the same token, key and CSR: the store has the answer. */
        REPEAT,
        /** Not remembered. */
        MISS,
        /** Too slow, too small a part of a split grid, broken, or what stands there is none of ours. */
        UNUSABLE;

        /** Whether the token is refused without asking the store. */
        public boolean refuses() {
            return this == USED || this == RECENT;
        }
    }
}
