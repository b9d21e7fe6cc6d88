package io.chancery.gotemplate.time;

import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Go's durations: nanoseconds in 64 bits. Pure, any thread. */
public final class GoDurations {
    private static final Pattern PART = Pattern.compile("(\\d+\\.?\\d*|\\.\\d+)(ns|us|µs|μs|ms|s|m|h)");
    private static final Map<String, Long> UNITS = Map.of(
            "ns",
            1L,
            "us",
            1000L,
            "µs",
            1000L,
            "μs",
            1000L,
            "ms",
            1_000_000L,
            "s",
            1_000_000_000L,
            "m",
            60_000_000_000L,
            "h",
            3_600_000_000_000L);

    private GoDurations() {}

    /** Reads {@code 1h30m}, {@code -1.5s}, {@code 0}; empty when Go would refuse it. */
    public static Optional<Long> parse(String text) {
        boolean negative = text.startsWith("-");
        String rest = negative || text.startsWith("+") ? text.substring(1) : text;
        if (rest.equals("0")) {
            return Optional.of(0L);
        }
        if (rest.isEmpty() || rest.length() > 100) {
            return Optional.empty();
        }
        Matcher part = PART.matcher(rest);
        BigDecimal sum = BigDecimal.ZERO;
        int end = 0;
        while (part.find() && part.start() == end) {
            String number = part.group(1).endsWith(".") ? part.group(1) + "0" : part.group(1);
            BigDecimal whole =
                    new BigDecimal(number).multiply(BigDecimal.valueOf(UNITS.getOrDefault(part.group(2), 1L)));
            sum = sum.add(whole.setScale(0, java.math.RoundingMode.DOWN));
            end = part.end();
        }
        BigDecimal signed = negative ? sum.negate() : sum;
        boolean fits = signed.toBigInteger().bitLength() < 64;
        return end == rest.length() && fits ? Optional.of(signed.longValue()) : Optional.empty();
    }

    /** As Go prints it: {@code 1h0m0s}, {@code 1.5s}, {@code 20ms}. */
    public static String text(long nanos) {
        if (nanos == 0) {
            return "0s";
        }
        BigDecimal all = new BigDecimal(nanos).abs();
        String sign = nanos < 0 ? "-" : "";
        if (all.compareTo(new BigDecimal(1_000_000_000L)) < 0) {
            long small = all.longValueExact();
            int places = small < 1000 ? 0 : small < 1_000_000 ? 3 : 6;
            String unit = places == 0 ? "ns" : places == 3 ? "µs" : "ms";
            return sign + plain(all.movePointLeft(places)) + unit;
        }
        BigDecimal minute = new BigDecimal(60_000_000_000L);
        BigDecimal[] minutes = all.divideAndRemainder(minute);
        String seconds = plain(minutes[1].movePointLeft(9)) + "s";
        long whole = minutes[0].longValueExact();
        return sign + (whole >= 60 ? whole / 60 + "h" : "") + (whole > 0 ? whole % 60 + "m" : "") + seconds;
    }

    private static String plain(BigDecimal value) {
        return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
    }
}
