package io.chancery.signer.bus;

import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Remembers which bytes were taken up under which serial, for 15 minutes and at most 100,000 serials. An optimisation
 * and a second look: that a token buys one certificate does not depend on it. Safe for any thread.
 */
final class SignedSerials {
    static final Duration KEPT = Duration.ofMinutes(15);
    static final int MOST = 100_000;

    private final Map<SerialNumber, Entry> entries = new LinkedHashMap<>();
    private final LongSupplier nanoTime;

    private record Entry(Sha256 tbs, Optional<Der> signature, long since) {}

    /** What is known of a serial. */
    sealed interface Known {
        /** Nothing, or the same bytes without a signature yet; they are now the only ones for this serial. */
        record SignIt() implements Known {}

        record SignedBefore(Der signature) implements Known {}

        record OtherBytes() implements Known {}
    }

    /** @param nanoTime a monotonic clock, as System.nanoTime */
    SignedSerials(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Binds the serial to the bytes, before they are signed. */
    synchronized Known claim(SerialNumber serial, Sha256 tbs) {
        forgetOld();
        Entry entry = entries.get(serial);
        if (entry == null) {
            entries.put(serial, new Entry(tbs, Optional.empty(), nanoTime.getAsLong()));
            return new Known.SignIt();
        }
        if (!entry.tbs().equals(tbs)) {
            return new Known.OtherBytes();
        }
        return entry.signature().isPresent()
                ? new Known.SignedBefore(entry.signature().get())
                : new Known.SignIt();
    }

    synchronized void signed(SerialNumber serial, Sha256 tbs, Der signature) {
        Entry entry = entries.get(serial);
        if (entry != null && entry.tbs().equals(tbs)) {
            entries.put(serial, new Entry(tbs, Optional.of(signature), entry.since()));
        }
    }

    /** Entries stand in the order of their first claim, so the oldest come first. */
    private void forgetOld() {
        long now = nanoTime.getAsLong();
        var oldest = entries.values().iterator();
        while (oldest.hasNext()) {
            Entry entry = oldest.next();
            if (now - entry.since() < KEPT.toNanos() && entries.size() < MOST) {
                return;
            }
            oldest.remove();
        }
    }
}
