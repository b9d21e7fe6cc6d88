package io.chancery.signer.key;

/** What becomes of a key that may be lost and brought back. */
public enum KeyState {
    /** It is being opened for the first time. */
    OPENING,
    /** It signs. */
    READY,
    /** It was lost, or was never there, and is tried again and again. */
    HEALING,
    /** Its PIN was refused, or may not be tried: it waits for another one, or for an operator's word. */
    PIN_REFUSED,
    /** Calls into its library hang, and nothing else is called there. */
    HUNG,
    /** It is of no more use. */
    CLOSED
}
