package io.chancery.core.issuance;

import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.oidc.WantedKey;
import java.time.Instant;
import java.util.Optional;

/**
 * The rules of issuance over one configuration: immutable, safe for any thread, no I/O. Takes well under half a
 * millisecond with a fast crypto provider, so it may run on an event loop, unless it {@link #mayTakeLong}.
 */
public interface Issuance {
    /**
     * Checks request and token and fixes every byte to be signed. Order: CSR and its signature, token, common name, key,
     * names, validity, the provisioner's policy, name constraints, the authority's policy.
     *
     * @param now the moment of the request
     * @param serial drawn by the caller, used for this certificate alone
     * @throws io.chancery.core.error.CaException MALFORMED, BAD_CSR, BAD_KEY, TOKEN_INVALID, PROVISIONER_DISABLED,
     *     FORBIDDEN, POLICY_REFUSED, NAME_NOT_JUDGED, TEMPLATE_FAILED, INTERNAL
     */
    PreparedIssuance prepare(SignCommand command, Instant now, SerialNumber serial);

    /**
     * The key that {@link #prepare} would need to believe the token, where it is one that an OpenID provider may have made
     * since it was last asked.
     */
    default Optional<WantedKey> wantedKey(SignCommand command) {
        return Optional.empty();
    }

    /** Whether {@link #prepare} may compute for as long as a template is allowed to, and belongs on a worker then. */
    default boolean mayTakeLong() {
        return false;
    }
}
