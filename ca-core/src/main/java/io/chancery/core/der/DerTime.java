package io.chancery.core.der;

import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1UTCTime;
import org.bouncycastle.asn1.x509.Time;

/** Times as RFC 5280 s. 4.1.2.5 and 5.1.2.4 write them: UTCTime from 1950 to 2049, else GeneralizedTime; whole seconds. */
public final class DerTime {
    private static final int FIRST_OF_UTC_TIME = 1950;
    private static final int LAST_OF_UTC_TIME = 2049;
    private static final int UTC_OCTETS = 13;
    private static final int GENERALIZED_OCTETS = 15;
    private static final int HEADER_OCTETS = 2;

    private DerTime() {}

    /** What is below a second is cut off. */
    public static byte[] encode(Instant time) {
        LocalDateTime t = LocalDateTime.ofEpochSecond(time.getEpochSecond(), 0, ZoneOffset.UTC);
        boolean utc = t.getYear() >= FIRST_OF_UTC_TIME && t.getYear() <= LAST_OF_UTC_TIME;
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
    public static Instant read(Tlv in) {
        byte[] element = in.take(in.nextTag() == Tlv.UTC_TIME ? Tlv.UTC_TIME : Tlv.GENERALIZED_TIME);
        Instant time = exact(element).orElseThrow(() -> in.broken("a time of another form"));
        if (!Arrays.equals(element, encode(time))) {
            throw in.broken("a time in the form of other years");
        }
        return time;
    }

    /**
     * What any UTCTime or GeneralizedTime says, in this form or as loosely as BouncyCastle reads it; it makes a calendar
     * for each, which the usual form is spared.
     *
     * @throws IllegalArgumentException when it is neither
     * @throws IllegalStateException when it cannot be read
     */
    public static Instant lenient(ASN1Primitive time) {
        return usual(time).orElseGet(() -> Time.getInstance(time).getDate().toInstant());
    }

    private static Optional<Instant> usual(ASN1Primitive time) {
        try {
            // Not a GeneralizedTime: before 1582 a calendar has other days than java.time.
            return time instanceof ASN1UTCTime ? exact(time.getEncoded()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Empty unless all of it, to the seconds and the Z, is there and there is such a time. */
    private static Optional<Instant> exact(byte[] element) {
        boolean utc = element[0] == Tlv.UTC_TIME;
        int end = HEADER_OCTETS + (utc ? UTC_OCTETS : GENERALIZED_OCTETS) - 1;
        if (element.length != end + 1 || element[end] != 'Z') {
            return Optional.empty();
        }
        for (int i = HEADER_OCTETS; i < end; i++) {
            if (element[i] < '0' || element[i] > '9') {
                return Optional.empty();
            }
        }
        int year = number(element, end - 12);
        int century = utc ? (year < FIRST_OF_UTC_TIME % 100 ? 20 : 19) : number(element, HEADER_OCTETS);
        try {
            return Optional.of(LocalDateTime.of(
                            century * 100 + year,
                            number(element, end - 10),
                            number(element, end - 8),
                            number(element, end - 6),
                            number(element, end - 4),
                            number(element, end - 2))
                    .toInstant(ZoneOffset.UTC));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static int number(byte[] digits, int at) {
        return 10 * (digits[at] - '0') + digits[at + 1] - '0';
    }
}
