package io.chancery.core.revocation;

import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.chain.ClientCertificate;
import io.chancery.core.issuance.TokenUse;
import java.util.List;
import java.util.Optional;

/**
 * A revocation that passed every rule but the one that it is the first of its serial.
 *
 * @param reasonCode RFC 5280 s. 5.3.1, 0 to 10
 * @param reason one line
 * @param token to be used once; empty when the certificate was shown over TLS and revokes itself
 * @param authorizedBy serials of the certificates that the token, or the one shown, rests on: none of them must be revoked
 * @param shown the certificate that revokes itself; where {@link ClientCertificate#issuedHere} is false it must be the
 *     one that the store has by the serial
 */
public record PreparedRevocation(
        SerialNumber serial,
        int reasonCode,
        String reason,
        Optional<TokenUse> token,
        List<SerialNumber> authorizedBy,
        Optional<ClientCertificate> shown) {
    public PreparedRevocation {
        authorizedBy = List.copyOf(authorizedBy);
    }
}
