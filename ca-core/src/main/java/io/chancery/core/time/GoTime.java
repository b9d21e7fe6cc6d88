package io.chancery.core.time;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Moments as Go prints them: {@code 2026-11-24 16:00:00 +0000 UTC}. */
public final class GoTime {
    private static final DateTimeFormatter FORM =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private GoTime() {}

    public static String print(Instant time) {
        return FORM.format(time) + " +0000 UTC";
    }
}
