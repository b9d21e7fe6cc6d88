package io.chancery.core.issuance;

import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.oidc.WantedKey;
import java.time.Instant;
import java.util.Optional;

/**
 * The rules of issuance over one configuration: immutable, safe for any thread, no I/O. Takes well under half a
 * millisecond with a fast crypto provider, so it may run on an event loop, unless the command {@link SignCommand#isLarge is
 * large} or it {@link #mayTakeLong may take long}.
 */
public interface Issuance {
    /**
     * Checks request and token. Order: CSR and its signature, token, common name, key, names.
     *
     * @param now the moment of the request
     * @throws io.chancery.core.error.CaException MALFORMED, BAD_CSR, BAD_KEY, TOKEN_INVALID, PROVISIONER_DISABLED, FORBIDDEN
     */
    VerifiedRequest verify(SignCommand command, Instant now);

    /**
     * Fixes every byte to be signed. Order: template, validity, the provisioner's policy, name constraints, the
     * authority's policy.
     *
     * @param verified all of whose enriching webhooks have been asked
     * @param serial drawn by the caller, used for this certificate alone
     * @throws io.chancery.core.error.CaException MALFORMED, FORBIDDEN, POLICY_REFUSED, NAME_NOT_JUDGED, TEMPLATE_FAILED,
     *     INTERNAL
     */
    UnapprovedIssuance prepare(VerifiedRequest verified, Instant now, SerialNumber serial);

    /**
     * Both, where there are no webhooks.
     *
     * @throws IllegalStateException when there are: nothing may pass them by
     */
    default PreparedIssuance prepare(SignCommand command, Instant now, SerialNumber serial) {
        VerifiedRequest verified = verify(command, now);
        if (!verified.webhooks().isEmpty()) {
            throw new IllegalStateException(
                    "the webhooks of " + verified.provisioner().name() + " were not asked");
        }
        return prepare(verified, now, serial).issuance();
    }

    /**
     * The key that {@link #verify} would need to believe the token, where it is one that an OpenID provider may have made
     * since it was last asked.
     */
    default Optional<WantedKey> wantedKey(SignCommand command) {
        return Optional.empty();
    }

    /**
     * Whether these may compute over such a request for as long as a template is allowed to, and belong on a worker then.
     * It depends on the provisioner that the token names, so that one with a template holds up nobody else's requests.
     */
    default boolean mayTakeLong(SignCommand command) {
        return false;
    }
}
