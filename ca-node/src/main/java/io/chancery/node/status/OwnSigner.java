package io.chancery.node.status;

import java.util.List;

/**
 * The signer of this very process, as it is at one moment.
 *
 * @param state one of {@link #STATES}
 * @param losses how often it lost its key
 * @param recoveries how often it got it back
 * @param retried requests that met a loss and were tried once more
 * @param abandonedCalls calls into the HSM's library that did not end in time and have not ended since
 */
public record OwnSigner(String state, long losses, long recoveries, long retried, int abandonedCalls) {
    /** Every state, as the label shows it. */
    static final List<String> STATES = List.of("opening", "ready", "healing", "pin_refused", "hung", "closed");
}
