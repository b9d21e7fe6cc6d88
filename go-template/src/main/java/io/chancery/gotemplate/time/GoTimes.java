package io.chancery.gotemplate.time;

import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Times printed by Go's layouts. {@code Local} is UTC here: what a template gives must not depend on the machine. Pure, any thread. */
public final class GoTimes {
    public static final String RFC3339 = "2006-01-02T15:04:05Z07:00";
    public static final String RFC3339_NANO = "2006-01-02T15:04:05.999999999Z07:00";
    /** What {@code time.Time} prints itself with. */
    public static final String PRINTED = "2006-01-02 15:04:05.999999999 -0700 MST";
    /** Go's zero time. */
    public static final ZonedDateTime ZERO = ZonedDateTime.of(1, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);

    // What the zone database abbreviates; Java has names of its own for the others, Go shows their offset.
    private static final Set<String> ABBREVIATIONS = Set.of(
            "GMT", "BST", "WET", "WEST", "CET", "CEST", "EET", "EEST", "MSK", "IST", "IDT", "EAT", "CAT", "WAT", "SAST",
            "PKT", "HKT", "CST", "JST", "KST", "WIB", "WITA", "WIT", "AEST", "AEDT", "ACST", "ACDT", "AWST", "NZST",
            "NZDT", "HST", "HDT", "AKST", "AKDT", "PST", "PDT", "MST", "MDT", "CDT", "EST", "EDT", "AST", "ADT", "NST",
            "NDT", "SST");

    private static final DateTimeFormatter ABBREVIATION = DateTimeFormatter.ofPattern("zzz", Locale.US);

    private static final Map<String, String> LAYOUTS = Map.ofEntries(
            Map.entry("LAYOUT", "01/02 03:04:05PM '06 -0700"),
            Map.entry("ANSIC", "Mon Jan _2 15:04:05 2006"),
            Map.entry("UNIXDATE", "Mon Jan _2 15:04:05 MST 2006"),
            Map.entry("RUBYDATE", "Mon Jan 02 15:04:05 -0700 2006"),
            Map.entry("RFC822", "02 Jan 06 15:04 MST"),
            Map.entry("RFC822Z", "02 Jan 06 15:04 -0700"),
            Map.entry("RFC850", "Monday, 02-Jan-06 15:04:05 MST"),
            Map.entry("RFC1123", "Mon, 02 Jan 2006 15:04:05 MST"),
            Map.entry("RFC1123Z", "Mon, 02 Jan 2006 15:04:05 -0700"),
            Map.entry("RFC3339", RFC3339),
            Map.entry("RFC3339NANO", RFC3339_NANO),
            Map.entry("KITCHEN", "3:04PM"),
            Map.entry("STAMP", "Jan _2 15:04:05"),
            Map.entry("STAMPMILLI", "Jan _2 15:04:05.000"),
            Map.entry("STAMPMICRO", "Jan _2 15:04:05.000000"),
            Map.entry("STAMPNANO", "Jan _2 15:04:05.000000000"),
            Map.entry("DATETIME", "2006-01-02 15:04:05"),
            Map.entry("DATEONLY", "2006-01-02"),
            Map.entry("TIMEONLY", "15:04:05"));

    private GoTimes() {}

    /** The layout that Go has under this name (without {@code time.}, in any case). */
    public static Optional<String> namedLayout(String name) {
        return Optional.ofNullable(LAYOUTS.get(name.toUpperCase(Locale.ROOT)));
    }

    /** The zone of this name as Go's {@code LoadLocation} finds it; empty and {@code Local} are UTC. */
    public static Optional<ZoneId> zone(String name) {
        if (name.isEmpty() || name.equals("UTC") || name.equals("Local")) {
            return Optional.of(ZoneOffset.UTC);
        }
        // Java knows "GMT+2" and "+02:00" besides, Go only names of the database.
        return ZoneId.getAvailableZoneIds().contains(name) ? Optional.of(ZoneId.of(name)) : Optional.empty();
    }

    public static String printed(ZonedDateTime time) {
        return format(PRINTED, time);
    }

    public static String format(String layout, ZonedDateTime time) {
        StringBuilder out = new StringBuilder();
        for (LayoutPart part : LayoutPart.of(layout)) {
            out.append(formatted(part, time));
        }
        return out.toString();
    }

    private static String formatted(LayoutPart part, ZonedDateTime time) {
        int hour12 = time.getHour() % 12 == 0 ? 12 : time.getHour() % 12;
        return switch (part.element()) {
            case JANUARY -> time.getMonth().getDisplayName(TextStyle.FULL, Locale.US);
            case JAN ->
                time.getMonth().getDisplayName(TextStyle.FULL, Locale.US).substring(0, 3);
            case MONDAY -> time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.US);
            case MON ->
                time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.US).substring(0, 3);
            case ZONE_NAME -> zoneName(time);
            case MONTH_2 -> two(time.getMonthValue());
            case DAY_2 -> two(time.getDayOfMonth());
            case DAY_OF_YEAR -> String.format("%03d", time.getDayOfYear());
            case HOUR12_2 -> two(hour12);
            case MINUTE_2 -> two(time.getMinute());
            case SECOND_2 -> two(time.getSecond());
            case YEAR_2 -> two(Math.floorMod(time.getYear(), 100));
            case YEAR -> String.format("%04d", time.getYear());
            case HOUR -> two(time.getHour());
            case MONTH -> Integer.toString(time.getMonthValue());
            case DAY -> Integer.toString(time.getDayOfMonth());
            case DAY_SPACE -> String.format("%2d", time.getDayOfMonth());
            case DAY_OF_YEAR_SPACE -> String.format("%3d", time.getDayOfYear());
            case HOUR12 -> Integer.toString(hour12);
            case MINUTE -> Integer.toString(time.getMinute());
            case SECOND -> Integer.toString(time.getSecond());
            case PM -> time.getHour() >= 12 ? "PM" : "AM";
            case LOWER_PM -> time.getHour() >= 12 ? "pm" : "am";
            case Z_COLON_SECONDS, Z_SECONDS, Z_COLON, Z_OFFSET, Z_HOUR ->
                time.getOffset().getTotalSeconds() == 0
                        ? "Z"
                        : offset(part.text(), time.getOffset().getTotalSeconds());
            case OFFSET_COLON_SECONDS, OFFSET_SECONDS, OFFSET_COLON, OFFSET, OFFSET_HOUR ->
                offset(part.text(), time.getOffset().getTotalSeconds());
            case FRACTION -> fraction(part.text(), time.getNano());
            case LITERAL -> part.text();
        };
    }

    private static String zoneName(ZonedDateTime time) {
        ZoneId zone = time.getZone();
        if (zone.equals(ZoneOffset.UTC)) {
            return "UTC";
        }
        if (zone instanceof ZoneOffset fixed) {
            return offset("-0700", fixed.getTotalSeconds());
        }
        try {
            String name = ABBREVIATION.format(time);
            int seconds = time.getOffset().getTotalSeconds();
            return ABBREVIATIONS.contains(name) ? name : offset(seconds % 3600 == 0 ? "-07" : "-0700", seconds);
        } catch (DateTimeException e) {
            return offset("-0700", time.getOffset().getTotalSeconds());
        }
    }

    private static String offset(String form, int seconds) {
        int all = Math.abs(seconds);
        String colon = form.contains(":") ? ":" : "";
        StringBuilder out = new StringBuilder(seconds < 0 ? "-" : "+").append(two(all / 3600));
        int digits = form.replaceAll("[^0-9]", "").length();
        if (digits > 2) {
            out.append(colon).append(two(all / 60 % 60));
        }
        if (digits > 4) {
            out.append(colon).append(two(all % 60));
        }
        return out.toString();
    }

    private static String fraction(String form, int nanos) {
        int digits = Math.min(form.length() - 1, 9);
        String all = String.format("%09d", nanos).substring(0, digits);
        if (form.charAt(1) == '0') {
            return form.charAt(0) + all + "0".repeat(form.length() - 1 - digits);
        }
        String bare = all.replaceAll("0+$", "");
        return bare.isEmpty() ? "" : form.charAt(0) + bare;
    }

    private static String two(int number) {
        return number < 10 ? "0" + number : Integer.toString(number);
    }
}
