package io.chancery.signer.admin;

import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.TokenSlot;
import sun.security.pkcs11.wrapper.PKCS11Constants;

/**
 * A token as its library reports it at one moment.
 *
 * @param maxSessions 0 is no limit, −1 is not told
 * @param sessions open ones, of all processes where the library knows; −1 is not told
 */
public record TokenState(TokenSlot slot, String firmware, long maxSessions, long sessions) {
    /** How near the user's PIN is to its lock. */
    public enum Pin {
        NOT_SET,
        FINE,
        /** A wrong PIN was given, and not yet the right one. */
        COUNT_LOW,
        FINAL_TRY,
        LOCKED
    }

    public boolean initialised() {
        return has(PKCS11Constants.CKF_TOKEN_INITIALIZED);
    }

    public boolean writeProtected() {
        return has(PKCS11Constants.CKF_WRITE_PROTECTED);
    }

    public Pin pin() {
        if (has(PKCS11Constants.CKF_USER_PIN_LOCKED)) {
            return Pin.LOCKED;
        }
        if (has(PKCS11Constants.CKF_USER_PIN_FINAL_TRY)) {
            return Pin.FINAL_TRY;
        }
        if (has(PKCS11Constants.CKF_USER_PIN_COUNT_LOW)) {
            return Pin.COUNT_LOW;
        }
        return has(PKCS11Constants.CKF_USER_PIN_INITIALIZED) ? Pin.FINE : Pin.NOT_SET;
    }

    /** A token with one try left is not logged in to, whoever asks: a wrong PIN would lock it for good. */
    void refuseWhenPinIsAtStake() {
        slot.pinLocked().ifPresent(why -> {
            throw new HsmException(
                    HsmException.Kind.PIN_REFUSED,
                    why + "; the security officer sets another with the vendor's tool",
                    null);
        });
        if (pin() == Pin.NOT_SET) {
            throw HsmException.misconfigured("the token " + slot.label() + " has no PIN yet");
        }
    }

    private boolean has(long flag) {
        return (slot.flags() & flag) != 0;
    }
}
