package io.chancery.node.store;

/** The states of a certificate's row, named as in the store (issuance protocol, States of a certificate row). */
public enum CertificateState {
    /** Recorded, and perhaps on its way to a signer. */
    reserved,
    /** The certificate is stored; its client has it or can have it. */
    issued,
    /** Surely never signed; its token was free again. */
    voided,
    /** Given up, and its serial revoked: it may have been signed without anyone seeing it. */
    abandoned
}
