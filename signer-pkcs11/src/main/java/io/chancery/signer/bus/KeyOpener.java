package io.chancery.signer.bus;

import io.chancery.signer.key.SigningKey;

/** Opens the key that a signer holds, as {@code SigningKeys.keep} does: one that brings itself back. */
public interface KeyOpener {
    /**
     * Blocks; called once.
     *
     * @param freshProcessHelps to be run when a fresh process could use the key and this one cannot
     */
    SigningKey open(Runnable freshProcessHelps);
}
