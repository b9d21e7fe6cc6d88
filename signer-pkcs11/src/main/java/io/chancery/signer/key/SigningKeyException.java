package io.chancery.signer.key;

import org.jspecify.annotations.Nullable;

/** Why a key could not be opened or used, in words for the operator; never a PIN or password. */
public final class SigningKeyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What may help. */
    public enum Kind {
        /** The HSM, token or session is not there; waiting may help. */
        AWAY,
        /** The token refused the PIN. Trying again would lock it: only another PIN helps. */
        PIN_REFUSED,
        /** What is configured cannot work: no such file, key or library, a wrong password, another issuer's key. */
        MISCONFIGURED
    }

    private final Kind kind;
    private final boolean othersTurn;

    SigningKeyException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.othersTurn = false;
    }

    private SigningKeyException(String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = Kind.AWAY;
        this.othersTurn = true;
    }

    public static SigningKeyException misconfigured(String message) {
        return new SigningKeyException(Kind.MISCONFIGURED, message, null);
    }

    static SigningKeyException misconfigured(String message, Throwable cause) {
        return new SigningKeyException(Kind.MISCONFIGURED, message, cause);
    }

    public static SigningKeyException away(String message) {
        return new SigningKeyException(Kind.AWAY, message, null);
    }

    /** AWAY because somebody else is at the token or its library for the moment: nothing of the HSM is known from it. */
    static SigningKeyException othersTurn(String message, @Nullable Throwable cause) {
        return new SigningKeyException(message, cause);
    }

    /** Whether somebody else only has to be done: then there is nothing to heal, and soon another try is worth while. */
    boolean isOthersTurn() {
        return othersTurn;
    }

    public Kind kind() {
        return kind;
    }
}
