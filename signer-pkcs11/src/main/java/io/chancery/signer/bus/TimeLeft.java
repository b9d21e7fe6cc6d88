package io.chancery.signer.bus;

import io.chancery.cluster.bus.SignReply;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What is left of a request when its turn on an {@code hsm} thread has come.
 *
 * @param waited milliseconds that it has waited for the thread
 * @param given milliseconds that its sender waits in all
 */
record TimeLeft(long waited, long given) {
    /**
     * @param arrived when the message did, by the same monotonic clock as {@code now}, in nanoseconds
     */
    static TimeLeft of(long arrived, long now, long given) {
        return new TimeLeft(TimeUnit.NANOSECONDS.toMillis(now - arrived), given);
    }

    /** The answer when nothing is left. */
    Optional<SignReply> tooLate() {
        return given - waited > 0
                ? Optional.empty()
                : Optional.of(new SignReply.Declined(
                        SignReply.Reason.TOO_LATE, "waited " + waited + " of " + given + " ms for a thread"));
    }

    Duration left() {
        return Duration.ofMillis(given - waited);
    }
}
