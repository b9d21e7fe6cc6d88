package io.chancery.core.issuance;

import io.chancery.core.certificate.SerialNumber;
import java.util.Optional;

/**
 * What entitles a request to a certificate: a one-time token, or a certificate that is to be renewed, shown by its holder
 * over TLS or in a token.
 *
 * @param provisioner name of the provisioner that vouches for it; empty for a certificate that none is known of
 * @param token to be used once; empty when the certificate was shown over TLS, or the token may be used again
 * @param renews serial of the certificate that is renewed: it must not be revoked when the new one is recorded
 */
public record Grant(String provisioner, Optional<TokenUse> token, Optional<SerialNumber> renews) {
    /** By a token that may be used again and again. */
    public static Grant ofReusableToken(String provisioner) {
        return new Grant(provisioner, Optional.empty(), Optional.empty());
    }

    public static Grant ofToken(TokenUse token) {
        return new Grant(token.provisioner(), Optional.of(token), Optional.empty());
    }
}
