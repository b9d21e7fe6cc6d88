package io.chancery.core.issuance;

import io.chancery.core.der.Sha256;
import io.chancery.core.token.OneTimeToken;
import java.time.Instant;
import java.util.Optional;

/**
 * What the store must know of a verified one-time token to let it be used once.
 *
 * @param key SHA-256 of the token id (wire contract s. 4.4: the jti as it is, else a hash of header and payload)
 * @param issuedAt the token's {@code iat}
 * @param expiresAt the token's {@code exp}, without leeway; a token without one is remembered for ever
 * @param provisioner name of the provisioner that vouches for it
 */
public record TokenUse(Sha256 key, Optional<Instant> issuedAt, Optional<Instant> expiresAt, String provisioner) {
    /**
     * The use of a verified token.
     *
     * @param key of the token, or of what else it may be used once by
     */
    public static TokenUse of(OneTimeToken token, Sha256 key, String provisioner) {
        return new TokenUse(key, token.claims().issuedAt(), token.claims().expiresAt(), provisioner);
    }
}
