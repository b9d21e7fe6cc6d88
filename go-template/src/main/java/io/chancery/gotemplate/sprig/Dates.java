package io.chancery.gotemplate.sprig;

import io.chancery.gotemplate.function.Arguments;
import io.chancery.gotemplate.function.Function;
import io.chancery.gotemplate.function.FunctionFailure;
import io.chancery.gotemplate.text.GoNumber;
import io.chancery.gotemplate.text.GoQuote;
import io.chancery.gotemplate.time.GoDurations;
import io.chancery.gotemplate.time.GoTimes;
import io.chancery.gotemplate.time.TimeParser;
import io.chancery.gotemplate.value.Int;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.TimeValue;
import io.chancery.gotemplate.value.Type;
import io.chancery.gotemplate.value.Value;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;

/** Sprig's functions on times. The only clock is the budget's. */
final class Dates {
    private static final long SECOND = 1_000_000_000L;
    private static final long HOUR = 3600 * SECOND;

    static final List<Function> FUNCTIONS = List.of(
            Function.of("now", "", a -> now(a)),
            Function.of("date", "string any", a -> dated(a.text(0), a.any(1), "Local", a)),
            Function.of("date_in_zone", "string any string", a -> dated(a.text(0), a.any(1), a.text(2), a)),
            Function.of("dateInZone", "string any string", a -> dated(a.text(0), a.any(1), a.text(2), a)),
            Function.of("htmlDate", "any", a -> dated("2006-01-02", a.any(0), "Local", a)),
            Function.of("htmlDateInZone", "any string", a -> dated("2006-01-02", a.any(0), a.text(1), a)),
            Function.of("date_modify", "string time", a -> modified(a, false)),
            Function.of("dateModify", "string time", a -> modified(a, false)),
            Function.of("must_date_modify", "string time", a -> modified(a, true)),
            Function.of("mustDateModify", "string time", a -> modified(a, true)),
            Function.of("ago", "any", Dates::ago),
            Function.of("duration", "any", Dates::duration),
            Function.of("durationRound", "any", Dates::rounded),
            Function.of("toDate", "string string", a -> parsed(a, false)),
            Function.of("mustToDate", "string string", a -> parsed(a, true)),
            Function.of(
                    "unixEpoch", "time", a -> new Text(Long.toString(a.time(0).toEpochSecond()))));

    private Dates() {}

    private static TimeValue now(Arguments a) {
        return new TimeValue(a.budget().now().atZone(ZoneOffset.UTC));
    }

    /** A time, or whole seconds since 1970; anything else is now. */
    private static ZonedDateTime time(Value value, Arguments a) throws FunctionFailure {
        if (value instanceof TimeValue time) {
            return time.value();
        }
        boolean seconds = value instanceof Int number
                && number.type().isInteger()
                && !number.type().equals(Type.DURATION);
        return seconds ? epoch(((Int) value).value()) : now(a).value();
    }

    static ZonedDateTime epoch(long seconds) throws FunctionFailure {
        try {
            return inRange(Instant.ofEpochSecond(seconds).atZone(ZoneOffset.UTC));
        } catch (DateTimeException e) {
            throw new FunctionFailure("a time out of range: " + seconds + " seconds");
        }
    }

    static ZonedDateTime inRange(ZonedDateTime time) throws FunctionFailure {
        if (Math.abs(time.getYear()) > 999_999) {
            throw new FunctionFailure("a time out of range");
        }
        return time;
    }

    private static Value dated(String layout, Value value, String zone, Arguments a) throws FunctionFailure {
        a.budget().charge(40L * layout.length());
        ZonedDateTime time = time(value, a);
        return new Text(GoTimes.format(
                layout, time.withZoneSameInstant(GoTimes.zone(zone).orElse(ZoneOffset.UTC))));
    }

    private static Value modified(Arguments a, boolean must) throws FunctionFailure {
        Optional<Long> nanos = GoDurations.parse(a.text(0));
        if (nanos.isEmpty()) {
            if (must) {
                throw new FunctionFailure("time: invalid duration " + GoQuote.quoted(a.text(0)));
            }
            return a.any(1);
        }
        return new TimeValue(plus(a.time(1), nanos.get()));
    }

    static ZonedDateTime plus(ZonedDateTime time, long nanos) throws FunctionFailure {
        try {
            return inRange(time.plusNanos(nanos));
        } catch (DateTimeException | ArithmeticException e) {
            throw new FunctionFailure("a time out of range");
        }
    }

    /** Nanoseconds from the second to the first, kept within 64 bits. */
    static long between(ZonedDateTime later, ZonedDateTime earlier) {
        Duration between = Duration.between(earlier.toInstant(), later.toInstant());
        try {
            return between.toNanos();
        } catch (ArithmeticException e) {
            return between.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }

    private static Value ago(Arguments a) throws FunctionFailure {
        long nanos = between(now(a).value(), time(a.any(0), a));
        return new Text(GoDurations.text(nearest(nanos, SECOND)));
    }

    private static long nearest(long nanos, long unit) {
        long rest = nanos % unit;
        long down = nanos - rest;
        boolean further = Math.abs(rest) * 2 >= unit;
        return further && Math.abs(down) < Long.MAX_VALUE - unit ? down + Long.signum(rest) * unit : down;
    }

    private static Value duration(Arguments a) {
        long seconds = a.any(0) instanceof Text text
                ? GoNumber.decimal(text.value()).orElse(0L)
                : a.any(0) instanceof Int number && number.type().equals(Type.INT64) ? number.value() : 0;
        return new Text(GoDurations.text(seconds * SECOND));
    }

    private static Value rounded(Arguments a) {
        Value given = a.any(0);
        long nanos = given instanceof Text text
                ? GoDurations.parse(text.value()).orElse(0L)
                : given instanceof Int number && number.type().equals(Type.INT64)
                        ? number.value()
                        : given instanceof TimeValue time ? between(now(a).value(), time.value()) : 0;
        long size = Math.abs(nanos);
        long[] units = {24 * 365 * HOUR, 24 * 30 * HOUR, 24 * HOUR, HOUR, 60 * SECOND, SECOND};
        String[] names = {"y", "mo", "d", "h", "m", "s"};
        for (int i = 0; i < units.length; i++) {
            if (size > units[i]) {
                return new Text(size / units[i] + names[i]);
            }
        }
        return new Text("0s");
    }

    private static Value parsed(Arguments a, boolean must) throws FunctionFailure {
        a.budget().charge(40L * (a.text(0).length() + a.text(1).length()));
        try {
            return new TimeValue(TimeParser.parse(a.text(0), a.text(1), ZoneOffset.UTC));
        } catch (TimeParser.Mismatch e) {
            if (must) {
                throw new FunctionFailure(String.valueOf(e.getMessage()));
            }
            return new TimeValue(GoTimes.ZERO);
        }
    }
}
