package io.chancery.node.revocation;

import io.chancery.core.crl.SignedCrl;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
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
    /** When a list ends that is made at a moment; both in whole seconds. */
    Instant end(Instant made) {
        return made.plus(lifetime).truncatedTo(ChronoUnit.SECONDS);
    }

    /**
     * Whether a list is one that these settings make: as long, and had where they say. Takes as long as walking over it.
     */
    boolean make(CrlShelf.Listed list) {
        return list.nextUpdate().equals(end(list.thisUpdate()))
                && SignedCrl.isHadAt(list.der().getBytes(), distributionPoint);
    }

    /** The same for lists that are had elsewhere. */
    CrlSettings at(Optional<String> place) {
        return new CrlSettings(onRevoke, lifetime, every, place);
    }
}
