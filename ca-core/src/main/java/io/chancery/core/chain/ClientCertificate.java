package io.chancery.core.chain;

import io.chancery.core.certificate.PresentedCertificate;
import io.chancery.core.certificate.SerialNumber;
import java.time.Instant;
import java.util.List;

/**
 * A certificate that a client has shown, which leads to a root of this CA; that alone says nothing of who signed it: the
 * holder of a CA certificate below one of our issuers gives its certificates what serials and extensions it likes.
 *
 * @param above serials of the certificates between it and the root; empty under an intermediate of the configuration
 * @param aboveEnds when the first of these and the root ends, inclusive; never under an intermediate of the configuration
 * @param issuedHere whether it was signed by the key of one of our issuers
 */
public record ClientCertificate(
        PresentedCertificate leaf, List<SerialNumber> above, Instant aboveEnds, boolean issuedHere) {
    public ClientCertificate {
        above = List.copyOf(above);
    }

    /** Of an intermediate of the configuration, whose operator vouches for what is above. */
    public static ClientCertificate underKnown(PresentedCertificate leaf, boolean issuedHere) {
        return new ClientCertificate(leaf, List.of(), Instant.MAX, issuedHere);
    }

    public SerialNumber serial() {
        return leaf.serial();
    }
}
