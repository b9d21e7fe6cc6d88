package io.chancery.signer.key;

import io.chancery.core.certificate.KeyId;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log's lines about a key that was lost: one for each change of its state. Of a cause that is another one while the
 * state stays the same, one a minute, as causes may take turns at every try; the rest is for DEBUG. Any thread.
 */
final class KeyLog {
    private static final Logger LOG = LoggerFactory.getLogger(KeyRecovery.class);
    private static final long CAUSES_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final KeyId keyId;
    private final LongSupplier nanoTime;
    private String told = "";
    private long toldAt;

    KeyLog(KeyId keyId, LongSupplier nanoTime) {
        this.keyId = keyId;
        this.nanoTime = nanoTime;
    }

    void notAvailable(String cause) {
        tell(cause);
        LOG.atWarn().addKeyValue("keyId", keyId).addKeyValue("cause", cause).log("signing key is not available");
    }

    void lost(String cause) {
        tell(cause);
        LOG.atWarn().addKeyValue("keyId", keyId).addKeyValue("cause", cause).log("signing key lost; healing begins");
    }

    /** After one more try that failed. */
    void stillAway(KeyState before, KeyState now, String cause) {
        if (now == before && !isNews(cause)) {
            LOG.atDebug()
                    .addKeyValue("keyId", keyId)
                    .addKeyValue("cause", cause)
                    .log("signing key was tried in vain");
            return;
        }
        tell(cause);
        (now == KeyState.HEALING ? LOG.atWarn() : LOG.atError())
                .addKeyValue("keyId", keyId)
                .addKeyValue("state", now)
                .addKeyValue("cause", cause)
                .log("signing key is still away");
    }

    private synchronized boolean isNews(String cause) {
        return !cause.equals(told) && nanoTime.getAsLong() - toldAt >= CAUSES_NANOS;
    }

    private synchronized void tell(String cause) {
        told = cause;
        toldAt = nanoTime.getAsLong();
    }

    void healed(int tries, long nanos) {
        LOG.atInfo()
                .addKeyValue("keyId", keyId)
                .addKeyValue("tries", tries)
                .addKeyValue("durationMs", TimeUnit.NANOSECONDS.toMillis(nanos))
                .log("signing key healed");
    }
}
