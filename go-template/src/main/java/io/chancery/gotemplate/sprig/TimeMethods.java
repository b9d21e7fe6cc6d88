package io.chancery.gotemplate.sprig;

import io.chancery.gotemplate.function.Arguments;
import io.chancery.gotemplate.function.Function;
import io.chancery.gotemplate.function.FunctionSet;
import io.chancery.gotemplate.time.GoDurations;
import io.chancery.gotemplate.time.GoTimes;
import io.chancery.gotemplate.value.Bool;
import io.chancery.gotemplate.value.Float64;
import io.chancery.gotemplate.value.Int;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.TimeValue;
import io.chancery.gotemplate.value.Type;
import io.chancery.gotemplate.value.Value;
import java.time.ZoneOffset;
import java.util.List;

/** Methods of {@code time.Time}, {@code time.Duration} and of versions, as far as templates use them. Pure, any thread. */
final class TimeMethods {
    private static final List<Function> TIME = List.of(
            Function.of("Year", "time", a -> Int.of(a.time(0).getYear())),
            Function.of("Month", "time", a -> new Int(Type.MONTH, a.time(0).getMonthValue())),
            Function.of("Day", "time", a -> Int.of(a.time(0).getDayOfMonth())),
            Function.of("Hour", "time", a -> Int.of(a.time(0).getHour())),
            Function.of("Minute", "time", a -> Int.of(a.time(0).getMinute())),
            Function.of("Second", "time", a -> Int.of(a.time(0).getSecond())),
            Function.of("Nanosecond", "time", a -> Int.of(a.time(0).getNano())),
            Function.of(
                    "Weekday",
                    "time",
                    a -> new Int(Type.WEEKDAY, a.time(0).getDayOfWeek().getValue() % 7)),
            Function.of("YearDay", "time", a -> Int.of(a.time(0).getDayOfYear())),
            Function.of("Unix", "time", a -> Int.int64(a.time(0).toEpochSecond())),
            Function.of(
                    "UnixMilli", "time", a -> Int.int64(a.time(0).toInstant().toEpochMilli())),
            Function.of(
                    "UnixNano",
                    "time",
                    a -> Int.int64(a.time(0).toEpochSecond() * 1_000_000_000L
                            + a.time(0).getNano())),
            Function.of("IsZero", "time", a -> Bool.of(a.time(0).toInstant().equals(GoTimes.ZERO.toInstant()))),
            Function.of("String", "time", a -> new Text(GoTimes.printed(a.time(0)))),
            Function.of("UTC", "time", a -> new TimeValue(a.time(0).withZoneSameInstant(ZoneOffset.UTC))),
            Function.of("Local", "time", a -> new TimeValue(a.time(0).withZoneSameInstant(ZoneOffset.UTC))),
            Function.of("Format", "time string", TimeMethods::format),
            Function.of("Add", "time duration", a -> new TimeValue(Dates.plus(a.time(0), a.integer(1)))),
            Function.of("AddDate", "time int int int", TimeMethods::addDate),
            Function.of("Sub", "time time", a -> new Int(Type.DURATION, Dates.between(a.time(0), a.time(1)))),
            Function.of("Before", "time time", a -> Bool.of(compared(a) < 0)),
            Function.of("After", "time time", a -> Bool.of(compared(a) > 0)),
            Function.of("Equal", "time time", a -> Bool.of(compared(a) == 0)),
            Function.of("Compare", "time time", a -> Int.of(compared(a))));

    private static final List<Function> DURATION = List.of(
            Function.of("Hours", "duration", a -> new Float64(a.integer(0) / 3.6e12)),
            Function.of("Minutes", "duration", a -> new Float64(a.integer(0) / 6e10)),
            Function.of("Seconds", "duration", a -> new Float64(a.integer(0) / 1e9)),
            Function.of("Milliseconds", "duration", a -> Int.int64(a.integer(0) / 1_000_000)),
            Function.of("Nanoseconds", "duration", a -> Int.int64(a.integer(0))),
            Function.of("String", "duration", a -> new Text(GoDurations.text(a.integer(0)))));

    private TimeMethods() {}

    static FunctionSet in(FunctionSet functions) {
        return functions.withMethods(Type.TIME.name(), TIME).withMethods(Type.DURATION.name(), DURATION);
    }

    private static int compared(Arguments a) {
        return Integer.signum(a.time(0).toInstant().compareTo(a.time(1).toInstant()));
    }

    private static Value format(Arguments a) {
        a.budget().charge(40L * a.text(1).length());
        return new Text(GoTimes.format(a.text(1), a.time(0)));
    }

    private static Value addDate(Arguments a) throws io.chancery.gotemplate.function.FunctionFailure {
        for (int i = 1; i <= 3; i++) {
            if (Math.abs(a.integer(i)) > 1_000_000) {
                throw new io.chancery.gotemplate.function.FunctionFailure("a time out of range");
            }
        }
        // Go counts days of a month on into the next one: 31 January and a month is 3 March.
        int day = a.time(0).getDayOfMonth();
        return new TimeValue(Dates.inRange(a.time(0)
                .withDayOfMonth(1)
                .plusYears(a.integer(1))
                .plusMonths(a.integer(2))
                .plusDays(day - 1L)
                .plusDays(a.integer(3))));
    }
}
