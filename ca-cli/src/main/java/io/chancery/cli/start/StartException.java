package io.chancery.cli.start;

/** A part of the CA does not start; the message is for people. */
public final class StartException extends Exception {
    private static final long serialVersionUID = 1L;

    StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
