package io.chancery.core.time;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Go writes and reads them ({@code time.ParseDuration}): {@code 1h30m}, {@code 300ms}; no days. */
public final class GoDuration {
    private static final Pattern WHOLE =
            Pattern.compile("[+-]?(?:0|(?:(?:\\d+\\.?\\d*|\\.\\d+)(?:ns|us|µs|μs|ms|s|m|h))+)");
    private static final Pattern PART = Pattern.compile("(\\d+\\.?\\d*|\\.\\d+)(ns|us|µs|μs|ms|s|m|h)");
    private static final Map<String, BigDecimal> NANOS = Map.of(
            "ns", BigDecimal.ONE,
            "us", BigDecimal.valueOf(1_000),
            "µs", BigDecimal.valueOf(1_000),
            "μs", BigDecimal.valueOf(1_000),
            "ms", BigDecimal.valueOf(1_000_000),
            "s", BigDecimal.valueOf(1_000_000_000L),
            "m", BigDecimal.valueOf(60_000_000_000L),
            "h", BigDecimal.valueOf(3_600_000_000_000L));
    private static final int LONGEST = 64;

    private GoDuration() {}

    /** IllegalArgumentException when the text is none, or does not fit Go's 64 bits of nanoseconds (292 years). */
    public static Duration parse(String text) {
        if (text.length() > LONGEST || !WHOLE.matcher(text).matches()) {
            throw new IllegalArgumentException("not a duration such as 24h or 5m30s: " + shortened(text));
        }
        BigDecimal nanos = BigDecimal.ZERO;
        Matcher part = PART.matcher(text);
        while (part.find()) {
            nanos = nanos.add(nanos(part.group(1), unit(part.group(2))));
        }
        if (text.startsWith("-")) {
            nanos = nanos.negate();
        }
        try {
            return Duration.ofNanos(nanos.longValueExact());
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("a duration longer than 292 years: " + shortened(text), e);
        }
    }

    /** As Go's {@code Duration.String()}: {@code 24h1m0s}; {@code 0s} for none. */
    public static String print(Duration duration) {
        if (duration.isNegative()) {
            return "-" + print(duration.negated());
        }
        String seconds = seconds(duration);
        if (duration.toHours() > 0) {
            return duration.toHours() + "h" + duration.toMinutesPart() + "m" + seconds;
        }
        return duration.toMinutes() > 0 ? duration.toMinutes() + "m" + seconds : seconds;
    }

    private static String seconds(Duration duration) {
        if (duration.toSeconds() == 0 && duration.toNanosPart() > 0) {
            int nanos = duration.toNanosPart();
            return nanos >= 1_000_000 ? plain(nanos, 6) + "ms" : nanos >= 1_000 ? plain(nanos, 3) + "µs" : nanos + "ns";
        }
        return plain(duration.toSecondsPart() * 1_000_000_000L + duration.toNanosPart(), 9) + "s";
    }

    private static String plain(long value, int digits) {
        BigDecimal decimal = BigDecimal.valueOf(value, digits).stripTrailingZeros();
        return decimal.toPlainString();
    }

    /** As Go reckons: the whole part exactly, the fraction in floating point, what is finer than a nanosecond cut off. */
    private static BigDecimal nanos(String number, BigDecimal unit) {
        int point = number.indexOf('.');
        String whole = point < 0 ? number : number.substring(0, point);
        BigDecimal nanos = whole.isEmpty() ? BigDecimal.ZERO : new BigDecimal(whole).multiply(unit);
        long fraction = 0;
        double scale = 1;
        for (int i = point < 0 ? number.length() : point + 1; i < number.length(); i++) {
            if (fraction > (Long.MAX_VALUE - 9) / 10) {
                break; // further digits change nothing
            }
            fraction = 10 * fraction + (number.charAt(i) - '0');
            scale *= 10;
        }
        return nanos.add(BigDecimal.valueOf((long) (fraction * (unit.doubleValue() / scale))));
    }

    private static BigDecimal unit(String name) {
        BigDecimal nanos = NANOS.get(name);
        if (nanos == null) {
            throw new IllegalArgumentException("no unit of time: " + name);
        }
        return nanos;
    }

    private static String shortened(String text) {
        return text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
    }
}
