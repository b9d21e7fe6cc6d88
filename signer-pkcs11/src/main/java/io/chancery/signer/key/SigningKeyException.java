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

    SigningKeyException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
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

    public Kind kind() {
        return kind;
    }
}
