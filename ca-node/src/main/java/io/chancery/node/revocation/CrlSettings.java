package io.chancery.node.revocation;

import java.time.Duration;
import java.util.Optional;

/**
 * How lists of revoked certificates are made.
 *
 * @param onRevoke whether each revocation makes one at once
 * @param lifetime from one list's making to the time by which the next one will be there
 * @param every how often one is made in any case; at most the lifetime
 * @param distributionPoint URI in the list of where it is had
 */
public record CrlSettings(boolean onRevoke, Duration lifetime, Duration every, Optional<String> distributionPoint) {
    /** The same for lists that are had elsewhere. */
    CrlSettings at(Optional<String> place) {
        return new CrlSettings(onRevoke, lifetime, every, place);
    }
}
