package io.chancery.core.crl;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/** Times as RFC 5280 s. 5.1.2.4 writes them: UTCTime up to 2049, GeneralizedTime from then on; whole seconds. */
final class CrlTime {
    private static final int LAST_OF_UTC_TIME = 2049;
    private static final int UTC_OCTETS = 13;
    private static final int GENERALIZED_OCTETS = 15;

    private CrlTime() {}

    static byte[] encode(Instant time) {
        LocalDateTime t = LocalDateTime.ofEpochSecond(time.getEpochSecond(), 0, ZoneOffset.UTC);
        boolean utc = t.getYear() <= LAST_OF_UTC_TIME;
        byte[] digits = new byte[utc ? UTC_OCTETS : GENERALIZED_OCTETS];
        int at = 0;
        if (!utc) {
            at = two(digits, at, t.getYear() / 100);
        }
        at = two(digits, at, t.getYear() % 100);
        at = two(digits, at, t.getMonthValue());
        at = two(digits, at, t.getDayOfMonth());
        at = two(digits, at, t.getHour());
        at = two(digits, at, t.getMinute());
        at = two(digits, at, t.getSecond());
        digits[at] = 'Z';
        return Tlv.element(utc ? Tlv.UTC_TIME : Tlv.GENERALIZED_TIME, digits);
    }

    private static int two(byte[] digits, int at, int value) {
        digits[at] = (byte) ('0' + value / 10);
        digits[at + 1] = (byte) ('0' + value % 10);
        return at + 2;
    }

    /** IllegalArgumentException when the next element is no time in just this form. */
    static Instant read(Tlv in) {
        boolean utc = in.nextTag() == Tlv.UTC_TIME;
        byte[] element = in.take(utc ? Tlv.UTC_TIME : Tlv.GENERALIZED_TIME);
        String text = new String(element, 2, element.length - 2, StandardCharsets.US_ASCII);
        if (!text.matches(utc ? "\\d{12}Z" : "\\d{14}Z")) {
            throw in.broken("a time of another form");
        }
        String digits = utc ? (text.charAt(0) < '5' ? "20" : "19") + text : text;
        try {
            Instant time = LocalDateTime.of(
                            number(digits, 0, 4),
                            number(digits, 4, 6),
                            number(digits, 6, 8),
                            number(digits, 8, 10),
                            number(digits, 10, 12),
                            number(digits, 12, 14))
                    .toInstant(ZoneOffset.UTC);
            if (!java.util.Arrays.equals(element, encode(time))) {
                throw in.broken("a time in the form of other years");
            }
            return time;
        } catch (DateTimeException e) {
            throw in.broken("no time: " + e.getMessage());
        }
    }

    private static int number(String digits, int from, int to) {
        return Integer.parseInt(digits.substring(from, to));
    }
}
