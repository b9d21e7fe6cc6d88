package io.chancery.signer.key;

/**
 * How a key is at one moment.
 *
 * @param why it does not sign; empty when it does
 * @param losses how often it was lost since it was opened
 * @param recoveries how often it was brought back
 * @param retried requests that met a loss and were tried once more
 * @param abandonedCalls calls that did not end in time and have not ended since
 */
public record KeyStatus(KeyState state, String why, long losses, long recoveries, long retried, int abandonedCalls) {
    /** Of a key that cannot be lost. */
    public static final KeyStatus READY = new KeyStatus(KeyState.READY, "", 0, 0, 0, 0);

    public boolean canSign() {
        return state == KeyState.READY;
    }
}
