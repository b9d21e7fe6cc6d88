package io.chancery.core.revocation;

import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.chain.ClientCertificate;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuance.TokenUse;
import io.chancery.core.oidc.WantedKey;
import io.chancery.core.provisioner.Entitlement;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.provisioner.TokenCheck;
import io.chancery.core.provisioner.TokenProvisioner;
import io.chancery.core.token.Audiences;
import io.chancery.core.token.OneTimeToken;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Revocation as step-ca's {@code /revoke} has it (wire contract s. 9), over one configuration: by a provisioner's token
 * for any serial, or by a certificate for itself. Immutable, safe for any thread, no I/O.
 */
public final class StepRevocation {
    private static final int MOST_REASON_CODE = 10;
    private static final int LONGEST_REASON = 1_024;
    private static final int LONGEST_SHOWN = 100;

    private final Provisioners provisioners;
    private final Audiences audiences;
    private final PublicKeys keys;

    public StepRevocation(Provisioners provisioners, Audiences audiences, PublicKeys keys) {
        this.provisioners = provisioners;
        this.audiences = audiences;
        this.keys = keys;
    }

    /**
     * Checks what is asked, in step-ca's order.
     *
     * @param shown the certificate of the connection, asked for when there is no token
     * @throws CaException MALFORMED, NOT_IMPLEMENTED (not passive), TOKEN_INVALID, PROVISIONER_DISABLED, FORBIDDEN
     */
    public PreparedRevocation prepare(RevokeCommand command, Supplier<Optional<ClientCertificate>> shown, Instant now) {
        SerialNumber serial = serial(command.serial());
        if (command.reasonCode() < 0 || command.reasonCode() > MOST_REASON_CODE) {
            throw malformed("reasonCode out of bounds");
        }
        if (command.reason().length() > LONGEST_REASON) {
            throw malformed("reason is longer than " + LONGEST_REASON + " characters");
        }
        if (!command.passive()) {
            throw CaException.hidden(ErrorCode.NOT_IMPLEMENTED, "only passive revocation is implemented");
        }
        String reason = command.reason().replaceAll("\\p{Cntrl}", " ");
        int code = (int) command.reasonCode();
        if (!command.ott().isEmpty()) {
            OneTimeToken token = OneTimeToken.parse(command.ott());
            TokenProvisioner provisioner = provisioners.find(token, audiences);
            Entitlement entitlement =
                    provisioner.verify(token, new TokenCheck(TokenCheck.Purpose.REVOKE, audiences, keys, now));
            TokenUse use = use(token, provisioner, entitlement, serial);
            return new PreparedRevocation(
                    serial, code, reason, Optional.of(use), entitlement.authorisingSerials(), Optional.empty());
        }
        ClientCertificate certificate = shown.get().orElseThrow(() -> malformed("missing ott or client certificate"));
        if (!certificate.serial().equals(serial)) {
            throw CaException.of(
                    ErrorCode.FORBIDDEN,
                    "request serial number \"" + serial + "\" and certificate serial number \"" + certificate.serial()
                            + "\" do not match");
        }
        return new PreparedRevocation(
                serial, code, reason, Optional.empty(), certificate.above(), Optional.of(certificate));
    }

    /** The key that {@link #prepare} would need, as {@link io.chancery.core.issuance.Issuance#wantedKey} has it. */
    public Optional<WantedKey> wantedKey(RevokeCommand command) {
        return provisioners.wantedKey(command.ott(), audiences);
    }

    private static SerialNumber serial(String text) {
        if (text.isEmpty()) {
            throw malformed("missing serial");
        }
        return SerialText.parse(text)
                .orElseThrow(() -> malformed(
                        "'" + shortened(text) + "' is not a valid serial number - use a base 10 representation"
                                + " or a base 16 representation with '0x' prefix"));
    }

    private static String shortened(String text) {
        return text.length() > LONGEST_SHOWN ? text.substring(0, LONGEST_SHOWN) + "…" : text;
    }

    private static TokenUse use(
            OneTimeToken token, TokenProvisioner provisioner, Entitlement entitlement, SerialNumber serial) {
        String subject = token.claims().subject();
        if (!subject.equals(serial.decimal())) {
            throw CaException.of(
                    ErrorCode.FORBIDDEN,
                    "request serial number \"" + serial + "\" and token subject \"" + subject + "\" do not match");
        }
        return entitlement
                .useKey()
                .map(key -> TokenUse.of(token, key, provisioner.name()))
                // step-ca gives up on these, too, if later.
                .orElseThrow(() -> CaException.hidden(
                        ErrorCode.NOT_IMPLEMENTED, "a token that may be used again and again revokes nothing"));
    }

    /** Whether {@link #prepare} may take over half a millisecond, and belongs on a worker thread, for such a request. */
    public boolean mayTakeLong(RevokeCommand command) {
        return !command.ott().isEmpty() && provisioners.mayTakeLong(command.ott(), audiences);
    }

    private static CaException malformed(String detail) {
        return CaException.of(ErrorCode.MALFORMED, detail);
    }
}
