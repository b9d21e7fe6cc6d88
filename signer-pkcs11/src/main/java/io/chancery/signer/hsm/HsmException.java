package io.chancery.signer.hsm;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A token, library or session failed, in words for the operator; never a PIN. */
public final class HsmException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What may help. */
    public enum Kind {
        /** Library, token or session is gone; another instance may work, now or later. */
        LOST,
        /** Somebody else is at the library for the moment, and nothing was asked of it. */
        BUSY,
        /** The library did not answer in time; the call may still be under way. */
        HUNG,
        /** CKR_PIN_*: the login must not be tried again with this PIN. */
        PIN_REFUSED,
        /** What is asked for is not there or not possible. */
        MISCONFIGURED
    }

    private final Kind kind;

    public HsmException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public static HsmException misconfigured(String message) {
        return new HsmException(Kind.MISCONFIGURED, message, null);
    }

    /**
     * LOST, or PIN_REFUSED when any cause says so: no path may hide that the token counted a wrong PIN. MISCONFIGURED
     * when the token does not know a mechanism or its parameters: it will not know them any better when opened anew.
     */
    public static HsmException of(String what, Throwable cause) {
        String code = returnValue(cause);
        return new HsmException(kind(code.toUpperCase(Locale.ROOT)), code.isEmpty() ? what : what + ": " + code, cause);
    }

    private static Kind kind(String code) {
        if (code.contains("CKR_PIN_")) {
            return Kind.PIN_REFUSED;
        }
        boolean unable = code.contains("CKR_MECHANISM_INVALID") || code.contains("CKR_MECHANISM_PARAM_INVALID");
        return unable ? Kind.MISCONFIGURED : Kind.LOST;
    }

    public Kind kind() {
        return kind;
    }

    /** The library's own return value by name, as CKR_DEVICE_ERROR, or the innermost message. */
    private static String returnValue(Throwable failure) {
        String text = "";
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 10; depth++) {
            String message = cause.getMessage();
            if (message != null && (message.contains("CKR_") || !text.contains("CKR_"))) {
                text = message;
            }
            cause = cause.getCause();
        }
        return text;
    }
}
