package io.chancery.gotemplate.time;

import io.chancery.gotemplate.text.Utf8;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads times by Go's layouts, as {@code time.ParseInLocation} does. One thread, one use. */
public final class TimeParser {
    private static final List<String> MONTHS = List.of(
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December");
    private static final List<String> DAYS =
            List.of("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday");

    private final String layout;
    private final String whole;
    private String rest;
    private String element = "";
    private int year;
    private int month = -1;
    private int day = -1;
    private int dayOfYear = -1;
    private int hour;
    private int minute;
    private int second;
    private int nanos;
    private boolean pmSet;
    private boolean amSet;
    private Optional<Integer> offset = Optional.empty();
    private String zoneName = "";
    private boolean utc;

    private TimeParser(String layout, String text) {
        this.layout = layout;
        this.whole = text;
        this.rest = text;
    }

    /** The text does not fit its layout; the message is Go's. */
    public static final class Mismatch extends Exception {
        Mismatch(String message) {
            super(message, null, false, false);
        }
    }

    /** Reads the text; a zone abbreviation that is not known at that place and time counts as UTC, as in Go. */
    public static ZonedDateTime parse(String layout, String text, ZoneId zone) throws Mismatch {
        TimeParser parser = new TimeParser(layout, text);
        List<LayoutPart> parts = LayoutPart.of(layout);
        for (int i = 0; i < parts.size(); i++) {
            boolean fractionNext = i + 1 < parts.size() && parts.get(i + 1).element() == LayoutPart.Element.FRACTION;
            parser.part(parts.get(i), fractionNext);
        }
        if (!parser.rest.isEmpty()) {
            throw new Mismatch(parser.head() + ": extra text: " + quoted(parser.rest));
        }
        return parser.time(zone);
    }

    // Octets that are no plain ASCII are shown as such.
    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (byte octet : Utf8.octets(text)) {
            if (octet == '"' || octet == '\\') {
                out.append('\\').append((char) octet);
            } else {
                out.append(octet >= ' ' ? String.valueOf((char) octet) : String.format("\\x%02x", octet));
            }
        }
        return out.append('"').toString();
    }

    private String head() {
        return "parsing time " + quoted(whole);
    }

    private Mismatch bad() {
        return new Mismatch(
                head() + " as " + quoted(layout) + ": cannot parse " + quoted(rest) + " as " + quoted(element));
    }

    private Mismatch range(String what) {
        return new Mismatch(head() + ": " + what + " out of range");
    }

    private void part(LayoutPart part, boolean fractionNext) throws Mismatch {
        element = part.text();
        switch (part.element()) {
            case LITERAL -> literal(part.text());
            case YEAR -> {
                year = fixed(4);
            }
            case YEAR_2 -> {
                int short2 = fixed(2);
                year = short2 >= 69 ? 1900 + short2 : 2000 + short2;
            }
            case JANUARY -> month = 1 + named(MONTHS, false);
            case JAN -> month = 1 + named(MONTHS, true);
            case MONDAY -> named(DAYS, false);
            case MON -> named(DAYS, true);
            case MONTH, MONTH_2 ->
                month = limited(number(part.element() == LayoutPart.Element.MONTH_2), 1, 12, "month");
            case DAY, DAY_2, DAY_SPACE -> {
                if (part.element() == LayoutPart.Element.DAY_SPACE && rest.startsWith(" ")) {
                    rest = rest.substring(1);
                }
                day = number(part.element() == LayoutPart.Element.DAY_2);
            }
            case DAY_OF_YEAR, DAY_OF_YEAR_SPACE -> {
                rest = part.element() == LayoutPart.Element.DAY_OF_YEAR_SPACE ? rest.stripLeading() : rest;
                dayOfYear = part.element() == LayoutPart.Element.DAY_OF_YEAR ? fixed(3) : number(false);
            }
            case HOUR -> hour = limited(number(false), 0, 23, "hour");
            case HOUR12, HOUR12_2 ->
                hour = limited(number(part.element() == LayoutPart.Element.HOUR12_2), 0, 12, "hour");
            case MINUTE, MINUTE_2 ->
                minute = limited(number(part.element() == LayoutPart.Element.MINUTE_2), 0, 59, "minute");
            case SECOND, SECOND_2 -> {
                second = limited(number(part.element() == LayoutPart.Element.SECOND_2), 0, 59, "second");
                if (!fractionNext && rest.matches("(?s)[.,]\\d.*")) {
                    fraction(digitsAt(1));
                }
            }
            case PM, LOWER_PM -> halfDay(part.element() == LayoutPart.Element.PM);
            case ZONE_NAME -> zone();
            case Z_COLON_SECONDS, Z_SECONDS, Z_COLON, Z_OFFSET, Z_HOUR -> {
                if (rest.startsWith("Z")) {
                    rest = rest.substring(1);
                    utc = true;
                } else {
                    offset(part.text());
                }
            }
            case OFFSET_COLON_SECONDS, OFFSET_SECONDS, OFFSET_COLON, OFFSET, OFFSET_HOUR -> offset(part.text());
            case FRACTION -> givenFraction(part.text());
        }
    }

    private void literal(String expected) throws Mismatch {
        int at = 0;
        while (at < expected.length()) {
            if (expected.charAt(at) == ' ') {
                if (!rest.isEmpty() && rest.charAt(0) != ' ') {
                    throw bad();
                }
                while (at < expected.length() && expected.charAt(at) == ' ') {
                    at++;
                }
                rest = rest.replaceFirst("^ +", "");
            } else if (rest.isEmpty() || rest.charAt(0) != expected.charAt(at)) {
                throw bad();
            } else {
                at++;
                rest = rest.substring(1);
            }
        }
    }

    private int digitsAt(int from) {
        int end = from;
        while (end < rest.length() && rest.charAt(end) >= '0' && rest.charAt(end) <= '9') {
            end++;
        }
        return end - from;
    }

    private int fixed(int digits) throws Mismatch {
        if (digitsAt(0) < digits) {
            throw bad();
        }
        return take(digits);
    }

    // One or two digits, two of them when fixed.
    private int number(boolean two) throws Mismatch {
        int digits = digitsAt(0);
        if (digits == 0 || (two && digits < 2)) {
            throw bad();
        }
        return take(Math.min(digits, 2));
    }

    private int take(int digits) {
        int value = Integer.parseInt(rest.substring(0, digits));
        rest = rest.substring(digits);
        return value;
    }

    private int limited(int value, int least, int most, String what) throws Mismatch {
        if (value < least || value > most) {
            throw range(what);
        }
        return value;
    }

    @com.google.errorprone.annotations.CanIgnoreReturnValue // a weekday is read and not compared, as in Go
    private int named(List<String> names, boolean three) throws Mismatch {
        for (int i = 0; i < names.size(); i++) {
            String name = three ? names.get(i).substring(0, 3) : names.get(i);
            if (rest.regionMatches(true, 0, name, 0, name.length())) {
                rest = rest.substring(name.length());
                return i;
            }
        }
        throw bad();
    }

    private void halfDay(boolean upper) throws Mismatch {
        String half = rest.length() >= 2 ? rest.substring(0, 2) : "";
        String expected = upper ? half : half.toUpperCase(Locale.ROOT);
        if ((!expected.equals("AM") && !expected.equals("PM")) || (!upper && half.equals(expected))) {
            throw bad();
        }
        pmSet = expected.equals("PM");
        amSet = !pmSet;
        rest = rest.substring(2);
    }

    private void givenFraction(String form) throws Mismatch {
        boolean point = rest.startsWith(".") || rest.startsWith(",");
        int digits = point ? digitsAt(1) : 0;
        if (form.charAt(1) == '9') {
            if (digits > 0) {
                fraction(digits);
            }
        } else if (digits < form.length() - 1) {
            throw bad();
        } else {
            fraction(form.length() - 1);
        }
    }

    private void fraction(int digits) {
        String all = (rest.substring(1, 1 + digits) + "000000000").substring(0, 9);
        nanos = Integer.parseInt(all);
        rest = rest.substring(1 + digits);
    }

    private void offset(String form) throws Mismatch {
        String pattern = form.substring(1).replaceAll("\\d", "\\\\d");
        int length = form.length();
        String head = rest.substring(0, Math.min(length, rest.length()));
        if (!head.matches("[+-]" + pattern)) {
            throw bad();
        }
        String digits = (head.replaceAll("\\D", "") + "0000").substring(0, 6);
        int hours = Integer.parseInt(digits.substring(0, 2));
        int minutes = Integer.parseInt(digits.substring(2, 4));
        if (hours > 24 || minutes > 60) {
            throw range("time zone offset");
        }
        int seconds = hours * 3600 + minutes * 60 + Integer.parseInt(digits.substring(4, 6));
        offset = Optional.of(head.charAt(0) == '-' ? -seconds : seconds);
        rest = rest.substring(length);
    }

    private void zone() throws Mismatch {
        if (rest.startsWith("UTC")) {
            utc = true;
            rest = rest.substring(3);
            return;
        }
        int letters = 0;
        while (letters < rest.length() && letters < 6 && rest.charAt(letters) >= 'A' && rest.charAt(letters) <= 'Z') {
            letters++;
        }
        boolean four = letters == 4 && (rest.charAt(3) == 'T' || rest.startsWith("WITA"));
        boolean five = letters == 5 && rest.charAt(4) == 'T';
        if (letters != 3 && !four && !five) {
            throw bad();
        }
        zoneName = rest.substring(0, letters);
        rest = rest.substring(letters);
    }

    private ZonedDateTime time(ZoneId zone) throws Mismatch {
        if (pmSet && hour < 12) {
            hour += 12;
        } else if (amSet && hour == 12) {
            hour = 0;
        }
        LocalDateTime local = date().atTime(hour, minute, second, nanos);
        if (utc) {
            return local.atZone(ZoneOffset.UTC);
        }
        if (offset.isPresent()) {
            return fixedOffset(local, offset.get(), zone);
        }
        ZonedDateTime there = local.atZone(zone);
        boolean known = zoneName.isEmpty() || GoTimes.format("MST", there).equals(zoneName);
        return known ? there : local.atZone(ZoneOffset.UTC);
    }

    private ZonedDateTime fixedOffset(LocalDateTime local, int seconds, ZoneId zone) throws Mismatch {
        try {
            ZonedDateTime fixed = local.atZone(ZoneOffset.ofTotalSeconds(seconds));
            ZonedDateTime there = fixed.withZoneSameInstant(zone);
            return there.getOffset().getTotalSeconds() == seconds ? there : fixed;
        } catch (DateTimeException e) {
            throw range("time zone offset");
        }
    }

    private LocalDate date() throws Mismatch {
        try {
            if (dayOfYear >= 0) {
                return LocalDate.ofYearDay(year, dayOfYear);
            }
            return LocalDate.of(year, month < 0 ? 1 : month, day < 0 ? 1 : day);
        } catch (DateTimeException e) {
            throw range(dayOfYear >= 0 ? "day-of-year" : "day");
        }
    }
}
