package io.chancery.core.error;

import org.jspecify.annotations.Nullable;

/**
 * The one exception that crosses packages. The public detail is for the caller, the cause and the private reason are
 * for the log. Client errors carry no stack trace: they are answers, not faults.
 */
public final class CaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final String publicDetail;

    private CaException(ErrorCode code, String publicDetail, String privateReason, @Nullable Throwable cause) {
        super(privateReason, cause, false, code == ErrorCode.INTERNAL);
        this.code = code;
        this.publicDetail = publicDetail;
    }

    /** An error whose detail the caller may read. An empty detail means the dialect's fixed text for the code. */
    public static CaException of(ErrorCode code, String publicDetail) {
        return new CaException(code, publicDetail, publicDetail, null);
    }

    /** As {@link #of(ErrorCode, String)}, with a reason that says more, for the log alone. */
    public static CaException of(ErrorCode code, String publicDetail, String privateReason) {
        return new CaException(code, publicDetail, privateReason, null);
    }

    /** An error whose reason is for the log alone; the caller reads the dialect's fixed text for the code. */
    public static CaException hidden(ErrorCode code, String privateReason) {
        return new CaException(code, "", privateReason, null);
    }

    /** As {@link #hidden(ErrorCode, String)}, with what caused it. */
    public static CaException hidden(ErrorCode code, String privateReason, Throwable cause) {
        return new CaException(code, "", privateReason, cause);
    }

    public ErrorCode code() {
        return code;
    }

    /** Text for the caller, or empty when the dialect's fixed text for the code is to be used. */
    public String publicDetail() {
        return publicDetail;
    }
}
