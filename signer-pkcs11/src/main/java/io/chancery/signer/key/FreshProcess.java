package io.chancery.signer.key;

import java.time.Duration;

/** Finds out whether a fresh process could use a key that this one cannot bring back, and tells whoever can start one. */
interface FreshProcess {
    /** There is none, and nobody to tell. */
    FreshProcess NONE = away -> {};

    /**
     * To be called after each try that failed. Does not wait.
     *
     * @param away since the key was lost
     */
    void stillAway(Duration away);

    /**
     * Whether a fresh process could use the key since it was lost; yes once for each that could. Does not wait.
     *
     * @param away since the key was lost
     */
    default boolean hasSigned(Duration away) {
        return false;
    }
}
