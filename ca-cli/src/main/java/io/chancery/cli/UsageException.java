package io.chancery.cli;

/** The command cannot run as it was asked: the message says why and what would be right. Exit code 2. */
public class UsageException extends Exception {
    private static final long serialVersionUID = 1L;

    public UsageException(String message) {
        super(message);
    }
}
