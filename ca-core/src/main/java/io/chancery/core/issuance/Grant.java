package io.chancery.core.issuance;

import io.chancery.core.certificate.SerialNumber;
import java.util.List;
import java.util.Optional;

/**
 * What entitles a request to a certificate: a token, or a certificate that is to be renewed, shown by its holder over TLS or
 * in a token.
 *
 * @param provisioner name of the provisioner that vouches for it; empty for a certificate that none is known of
 * @param token to be used once; empty when the certificate was shown over TLS, or the token may be used again
 * @param renews serial of the certificate that is renewed: it must not be revoked when the new one is recorded
 * @param authorizedBy serials of the certificates that the token, or the one that is renewed, rests on: none of them must be
 *     revoked either
 */
public record Grant(
        String provisioner, Optional<TokenUse> token, Optional<SerialNumber> renews, List<SerialNumber> authorizedBy) {
    public Grant {
        authorizedBy = List.copyOf(authorizedBy);
    }

    /** By a token that no certificate has signed. */
    public static Grant ofToken(TokenUse token) {
        return ofToken(token.provisioner(), Optional.of(token), List.of());
    }

    /** @param token empty for one that may be used again and again */
    public static Grant ofToken(String provisioner, Optional<TokenUse> token, List<SerialNumber> authorizedBy) {
        return new Grant(provisioner, token, Optional.empty(), authorizedBy);
    }

    /** By a certificate, and those above it. */
    public static Grant ofRenewal(
            String provisioner, Optional<TokenUse> token, SerialNumber renews, List<SerialNumber> authorizedBy) {
        return new Grant(provisioner, token, Optional.of(renews), authorizedBy);
    }
}
