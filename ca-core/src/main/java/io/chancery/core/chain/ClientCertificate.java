package io.chancery.core.chain;

import io.chancery.core.certificate.PresentedCertificate;
import io.chancery.core.certificate.SerialNumber;
import java.util.List;

/**
 * A certificate that a client has shown, which leads to a root of this CA; that alone says nothing of who signed it: the
 * holder of a CA certificate below one of our issuers gives its certificates what serials and extensions it likes.
 *
 * @param above serials of the certificates between it and the root; empty under an intermediate of the configuration
 * @param issuedHere whether it was signed by the key of one of our issuers
 */
public record ClientCertificate(PresentedCertificate leaf, List<SerialNumber> above, boolean issuedHere) {
    public ClientCertificate {
        above = List.copyOf(above);
    }

    public SerialNumber serial() {
        return leaf.serial();
    }
}
