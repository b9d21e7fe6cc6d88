package io.chancery.core.error;

/**
 * What went wrong, in the words of a certificate authority. Knows nothing of HTTP: each dialect's renderer maps every
 * code, so a new one does not compile until it is mapped.
 */
public enum ErrorCode {
    /** The request cannot be read. */
    MALFORMED,
    /** The certificate request is unreadable or its own signature is wrong. */
    BAD_CSR,
    /** A key type that is not supported. */
    BAD_KEY,
    /** The body is larger than what is read. */
    TOO_LARGE,
    /** The request did not arrive in time; the caller, or the way from it, is too slow. */
    TOO_SLOW,
    /** The one-time token is not acceptable; the public text never says why. */
    TOKEN_INVALID,
    /** The one-time token has been used. */
    TOKEN_USED,
    /** The provisioner is known but cannot serve; the public detail is the whole message. */
    PROVISIONER_DISABLED,
    /** This certificate is not to be renewed: revoked, disabled, expired, or of a provisioner that is gone. */
    RENEWAL_REFUSED,
    /** The renew token is not acceptable; the public detail is the whole message. */
    RENEW_TOKEN_INVALID,
    /** The renew token is signed by another key, or meant for another CA; step-ca calls these a fault of its own. */
    RENEW_TOKEN_FOREIGN,
    /** The serial number has been revoked before. */
    ALREADY_REVOKED,
    /** The caller may not have what it asks for. */
    FORBIDDEN,
    /** A name is not to be in any certificate, by a policy. */
    POLICY_REFUSED,
    /** A name has nothing that the authority's policy could judge; step-ca calls this a fault of its own. */
    NAME_NOT_JUDGED,
    NOT_FOUND,
    NOT_IMPLEMENTED,
    /** Too many requests under way here; try again. */
    OVERLOADED,
    /** The store cannot record an intent or an outcome, or it is in doubt; try again. */
    STORE_UNAVAILABLE,
    /** No signer could be reached or all declined; try again. */
    SIGNER_UNAVAILABLE,
    /** A webhook that has a say did not answer, or not as one does; try again. */
    WEBHOOK_UNAVAILABLE,
    /** The request's deadline has passed; try again. */
    DEADLINE_EXCEEDED,
    /** A signer refused what this node asked: the two disagree about the rules. */
    SIGNER_REFUSED,
    /** A provisioner's template broke off, or describes no certificate; its author must look at the log. */
    TEMPLATE_FAILED,
    /** A fault of ours. */
    INTERNAL
}
