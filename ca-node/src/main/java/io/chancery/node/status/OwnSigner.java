package io.chancery.node.status;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A signer of this very process, as it is at one moment.
 *
 * @param issuer name of the issuer whose key it has
 * @param state one of {@link #STATES}
 * @param why it does not sign; empty when it does
 * @param losses how often it lost its key
 * @param recoveries how often it got it back
 * @param retried requests that met a loss and were tried once more
 * @param abandonedCalls calls into the HSM's library that did not end in time and have not ended since
 */
public record OwnSigner(
        String issuer, String state, String why, long losses, long recoveries, long retried, int abandonedCalls) {
    private static final String READY = "ready";
    /** Every state, as the label shows it. */
    static final List<String> STATES = List.of("opening", READY, "healing", "pin_refused", "hung", "closed");

    /** Which of a process's signers cannot sign, and why; empty when all of them can. */
    public static Optional<String> cannotSign(List<OwnSigner> all) {
        if (all.isEmpty()) {
            return Optional.of("no issuer's key is here");
        }
        String lacking = all.stream()
                .filter(signer -> !signer.state().equals(READY))
                .map(signer -> "the key of issuer " + signer.issuer() + " is " + signer.state()
                        + (signer.why().isEmpty() ? "" : ": " + signer.why()))
                .collect(Collectors.joining("; "));
        return lacking.isEmpty() ? Optional.empty() : Optional.of(lacking);
    }
}
