package io.chancery.core.der;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Random;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.x509.Time;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DerTimeTest {
    private static final int SOME = 5_000;

    /** Where the forms change, leap days, and some from 1900 to 2200. */
    private static List<Instant> instants() {
        List<Instant> all = new ArrayList<>();
        for (String edge : List.of(
                "1949-12-31T23:59:59.999Z",
                "1950-01-01T00:00:00Z",
                "1969-12-31T23:59:59.999Z",
                "1970-01-01T00:00:00Z",
                "1999-12-31T23:59:59Z",
                "2000-02-29T12:00:00Z",
                "2024-02-29T23:59:59.001Z",
                "2049-12-31T23:59:59.999Z",
                "2050-01-01T00:00:00Z",
                "2100-03-01T00:00:00Z",
                "9999-12-31T23:59:59Z")) {
            all.add(Instant.parse(edge));
        }
        long first = Instant.parse("1900-01-01T00:00:00Z").toEpochMilli();
        long end = Instant.parse("2200-01-01T00:00:00Z").toEpochMilli();
        new Random(5280).longs(SOME, first, end).mapToObj(Instant::ofEpochMilli).forEach(all::add);
        return all;
    }

    @Test
    void any_moment_is_written_octet_for_octet_as_bouncycastle_writes_it() throws IOException {
        for (Instant time : instants()) {
            assertThat(DerTime.encode(time))
                    .as("%s", time)
                    .isEqualTo(new Time(Date.from(time)).getEncoded(ASN1Encoding.DER));
        }
    }

    @Test
    void what_is_written_is_read_again_to_the_second() throws IOException {
        for (Instant time : instants()) {
            byte[] written = DerTime.encode(time);
            Instant second = Instant.ofEpochSecond(time.getEpochSecond());
            assertThat(DerTime.lenient(ASN1Primitive.fromByteArray(written))).isEqualTo(second);
            assertThat(DerTime.read(Tlv.over(written, 0, written.length))).isEqualTo(second);
        }
    }

    private static byte[] utc(String text) {
        return Tlv.element(Tlv.UTC_TIME, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** What BouncyCastle makes of it: the moment, or how it fails. */
    private static Object byBouncyCastle(byte[] element) {
        try {
            return Time.getInstance(ASN1Primitive.fromByteArray(element))
                    .getDate()
                    .toInstant();
        } catch (IOException | RuntimeException e) {
            return e.getClass();
        }
    }

    private static Object lenient(byte[] element) {
        try {
            return DerTime.lenient(ASN1Primitive.fromByteArray(element));
        } catch (IOException | RuntimeException e) {
            return e.getClass();
        }
    }

    @Test
    void twelve_digits_of_any_value_are_read_as_bouncycastle_reads_them() {
        Random random = new Random(4125);
        for (int i = 0; i < SOME; i++) {
            // Small digits in front, so that many are times, and many nearly.
            StringBuilder digits = new StringBuilder();
            for (int bound : new int[] {10, 10, 2, 4, 4, 10, 3, 10, 7, 10, 7, 10}) {
                digits.append(random.nextInt(bound));
            }
            byte[] element = utc(digits + "Z");
            assertThat(lenient(element)).as("%s", digits).isEqualTo(byBouncyCastle(element));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Z",
                "2",
                "26",
                "2611251200Z",
                "261125120000",
                "261125120000z",
                "261125120000+0000",
                "2611251200-0130",
                "261125120000+0100",
                "26112512000Z",
                "2611251200000Z",
                "26112512 000Z",
                "-61125120000Z",
                "+61125120000Z",
                "2611251200.5Z",
                "26112512000\u00b2Z",
                "261125120000Z\0",
                "x61125120000Z",
                "261325120000Z",
                "260229120000Z",
                "261125240000Z",
                "261125126000Z",
                "261125120060Z",
                "260025120000Z",
                "261100120000Z"
            })
    void any_other_text_is_read_as_bouncycastle_reads_it_and_stands_in_no_list(String text) {
        byte[] element = utc(text);
        assertThat(lenient(element)).isEqualTo(byBouncyCastle(element));
        assertThatThrownBy(() -> DerTime.read(Tlv.over(element, 0, element.length)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a time of another form");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"15000229120000Z", "00000101000000Z", "20261125120000.5Z", "2026112512Z", "20261325120000Z", "x"
            })
    void generalized_times_are_read_as_bouncycastle_reads_them(String text) {
        byte[] element = Tlv.element(Tlv.GENERALIZED_TIME, text.getBytes(StandardCharsets.ISO_8859_1));
        assertThat(lenient(element)).isEqualTo(byBouncyCastle(element));
    }

    @Test
    void a_list_has_no_time_in_the_form_of_other_years() {
        byte[] element = Tlv.element(Tlv.GENERALIZED_TIME, "20261125120000Z".getBytes(StandardCharsets.US_ASCII));
        assertThatThrownBy(() -> DerTime.read(Tlv.over(element, 0, element.length)))
                .hasMessageContaining("the form of other years");
    }
}
