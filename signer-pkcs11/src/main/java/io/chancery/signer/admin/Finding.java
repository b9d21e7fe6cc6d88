package io.chancery.signer.admin;

/**
 * What one check of the doctor came to.
 *
 * @param check the check's name, as scripts may ask for it
 * @param found in words
 * @param todo what to do about it; empty when nothing is to be done
 */
public record Finding(String check, Status status, String found, String todo) {
    /** How bad it is. */
    public enum Status {
        OK,
        WARNING,
        FAILED,
        /** Not looked at, since an earlier check failed or was not asked for. */
        SKIPPED
    }
}
