package io.chancery.cluster.signers;

import java.time.Duration;
import java.util.Optional;

/**
 * What nodes agree on whose keys are on one token: who is at it, so that they log in one after the other, and that it has
 * refused a PIN. As good as the grid is: nodes that do not see each other go on by themselves. Its methods block, each
 * for a second at most unless it says otherwise, and never fail; not for event loops.
 */
public interface TokenTurns {
    /**
     * Waits until no other node is at the token, but for each of them no longer than the patience, and no longer than ten
     * times that; then it is this node's turn all the same, as another one may have died in its own.
     *
     * @param token the same on every node that is at it, and of no other token
     */
    Turn take(String token, Duration patience);

    /** One node's time at a token; ends when it is closed, and by itself after ten seconds. */
    interface Turn extends AutoCloseable {
        /** Which refusal was last told of this token, if no PIN was accepted since. */
        Optional<String> refusal();

        /**
         * Tells the others that the token refused a PIN.
         *
         * @param id by which this refusal is known again; at most 64 printable characters, and nothing of the PIN
         */
        void refused(String id);

        /** Tells the others that the token accepted a PIN. */
        void accepted();

        @Override
        void close();
    }
}
