package io.chancery.core.time;

import java.math.BigDecimal;
import java.math.RoundingMode;
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
            nanos = nanos.add(new BigDecimal(part.group(1)).multiply(unit(part.group(2))));
        }
        if (text.startsWith("-")) {
            nanos = nanos.negate();
        }
        try {
            return Duration.ofNanos(nanos.setScale(0, RoundingMode.DOWN).longValueExact());
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("a duration longer than 292 years: " + shortened(text), e);
        }
    }

    /** As Go's {@code Duration.String()} prints whole seconds and more: {@code 24h1m0s}; {@code 0s} for none. */
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
