package io.chancery.core.time;

import java.time.Duration;
import java.time.Instant;

/** A moment that a request names: absolute, or relative to another moment. */
public sealed interface TimeOrDuration {
    /** The moment itself, given what a relative one counts from. */
    Instant resolve(Instant base);

    record At(Instant time) implements TimeOrDuration {
        @Override
        public Instant resolve(Instant base) {
            return time;
        }
    }

    record After(Duration duration) implements TimeOrDuration {
        @Override
        public Instant resolve(Instant base) {
            return base.plus(duration);
        }
    }
}
