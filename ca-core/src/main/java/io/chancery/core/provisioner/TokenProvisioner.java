package io.chancery.core.provisioner;

import io.chancery.core.template.LeafTemplate;
import io.chancery.core.token.OneTimeToken;
import java.util.Optional;

/** A provisioner that vouches by tokens. Immutable, any thread, no I/O. */
public sealed interface TokenProvisioner extends Provisioner
        permits JwkProvisioner, OidcProvisioner, X5cProvisioner, K8sSaProvisioner {
    /** Of its own; without one the token's {@link Entitlement} says what its certificates are like. */
    Optional<LeafTemplate> template();

    /** What step's certificate extension notes beside type and name; may be empty. */
    String credentialId();

    /** Whether {@link #verify} or the template may take over half a millisecond, and belong on a worker thread. */
    boolean mayTakeLong();

    /**
     * What the token entitles to, when all is well with it.
     *
     * @throws io.chancery.core.error.CaException TOKEN_INVALID; which check failed is for the log alone
     */
    Entitlement verify(OneTimeToken token, TokenCheck check);
}
