package io.chancery.core.time;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.regex.Pattern;

/** A moment that a request names: absolute, or relative to another moment. */
public sealed interface TimeOrDuration {
    /**
     * {@code T} and {@code Z} in upper case and no leap second, as Go reads it; unlike Go, two digits for the hour, a point
     * before at most nine digits of a second, and offsets of up to 18 hours.
     */
    Pattern RFC_3339 = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d([.]\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d)");

    /**
     * An RFC 3339 time (a year of four digits, seconds, an offset of at most 18 hours) or a Go duration;
     * IllegalArgumentException when the text is neither.
     */
    static TimeOrDuration parse(String text) {
        if (RFC_3339.matcher(text).matches()) {
            try {
                return new At(OffsetDateTime.parse(text).toInstant());
            } catch (DateTimeException e) {
                throw new IllegalArgumentException("no such moment: " + text, e);
            }
        }
        return new After(GoDuration.parse(text));
    }

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
