package io.chancery.core.revocation;

import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.issuance.TokenUse;
import java.time.Instant;
import java.util.Optional;

/**
 * A revocation that passed every rule but the one that it is the first of its serial.
 *
 * @param reasonCode RFC 5280 s. 5.3.1, 0 to 10
 * @param reason one line
 * @param provisioner name of the one whose token it was asked with; empty when the certificate was shown over TLS and
 *     revokes itself
 * @param token to be used once; empty for a token that may be used again, too
 * @param end of the certificate, when it was shown
 */
public record PreparedRevocation(
        SerialNumber serial,
        int reasonCode,
        String reason,
        String provisioner,
        Optional<TokenUse> token,
        Optional<Instant> end) {}
