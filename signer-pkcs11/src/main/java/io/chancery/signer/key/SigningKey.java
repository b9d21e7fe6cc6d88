package io.chancery.signer.key;

import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import java.security.PublicKey;
import java.time.Duration;

/**
 * An issuer's private key, in an HSM or in a file. Safe for any number of threads; how many work at once is the
 * caller's to limit.
 */
public interface SigningKey extends AutoCloseable {
    /** Longest wait for the HSM's answer to one signature: then it counts as hanging. */
    Duration LONGEST_SIGNATURE = Duration.ofMillis(1_500);

    /** The issuer's public key; the key behind this one has been seen to fit it. */
    PublicKey publicKey();

    /** How it signs what does not say otherwise: the issuer's scheme, and so that of {@link #sign(Der)}. */
    SignatureScheme scheme();

    /**
     * Signs with the scheme that the bytes name, which fits the key. Blocks, for {@link #LONGEST_SIGNATURE} and the given time together at most: call
     * it on signer threads only. A lost session is replaced and the request tried once more before this
     * fails, if that can end within the given time.
     *
     * @param within how long it is worth while to wait for a session, or for a lost key to come back
     * @return the signature value as it stands in a certificate's BIT STRING
     * @throws SigningKeyException AWAY when the key is being brought back, PIN_REFUSED when its PIN was; no signature
     *     has left then, or ever will; MISCONFIGURED when the token does not sign so
     */
    Der sign(SignatureScheme scheme, Der tbs, Duration within);

    /** With its own scheme, and as {@link #sign(SignatureScheme, Der, Duration)} within two seconds. */
    default Der sign(Der tbs) {
        return sign(scheme(), tbs, Duration.ofSeconds(2));
    }

    /**
     * What it signed does not verify: it is taken out of use, and brought back if that is possible. Never waits.
     *
     * @param cause for the log and the status
     */
    void distrust(String cause);

    /**
     * Looks, without a signature, whether what the key is on still answers; one that hangs, and has signed nothing
     * meanwhile, is taken out of use. Blocks for a second at most.
     *
     * @return false when it seems to be gone: a signature would tell
     */
    default boolean answers() {
        return true;
    }

    /** How it is; never waits. */
    default KeyStatus status() {
        return KeyStatus.READY;
    }

    /** Ends the use of the key; a later {@link #sign} fails with AWAY. Does not fail. */
    @Override
    void close();
}
