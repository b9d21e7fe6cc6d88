package io.chancery.cluster.mtls;

/** The files of a node's bus identity do not fit together; the message names the file and what would be right. */
public final class BusFilesException extends Exception {
    private static final long serialVersionUID = 1L;

    BusFilesException(String message) {
        super(message);
    }

    BusFilesException(String message, Throwable cause) {
        super(message, cause);
    }
}
