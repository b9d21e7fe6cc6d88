package io.chancery.core.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.time.TimeOrDuration;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LeafValidityTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00.987654321Z");
    private static final LeafValidity ISSUER =
            new LeafValidity(Instant.parse("2026-11-24T10:00:00Z"), Instant.parse("2027-11-24T10:00:00Z"));

    private static LeafValidity of(String notBefore, String notAfter, Duration backdate) {
        return LeafValidity.of(wish(notBefore), wish(notAfter), Claims.BUILT_IN, backdate, NOW, within(ISSUER));
    }

    private static LeafValidity.Bounds within(LeafValidity issuer) {
        return new LeafValidity.Bounds(issuer, Optional.empty());
    }

    private static LeafValidity atMost(String longest, String notBefore, String notAfter) {
        return LeafValidity.of(
                wish(notBefore),
                wish(notAfter),
                Claims.BUILT_IN,
                Duration.ofMinutes(1),
                NOW,
                new LeafValidity.Bounds(ISSUER, Optional.of(Duration.parse(longest))));
    }

    private static Optional<TimeOrDuration> wish(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(TimeOrDuration.parse(text));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "nothing asked for,              '',     '',    2026-11-24T11:59:00Z, 2026-11-25T12:00:00Z",
        "an end alone is backdated,      '',     1h,    2026-11-24T11:59:00Z, 2026-11-24T13:00:00Z",
        "a start is not backdated,       0s,     '',    2026-11-24T12:00:00Z, 2026-11-25T12:00:00Z",
        "a start in the past,            -1m,    '',    2026-11-24T11:59:00Z, 2026-11-25T11:59:00Z",
        "an end counts from the start,   2h,     1h,    2026-11-24T14:00:00Z, 2026-11-24T15:00:00Z",
        "fractions are dropped,          2026-11-24T13:00:00.9Z, 90.7m, 2026-11-24T13:00:00Z, 2026-11-24T14:30:42Z",
        "times as times,                 2026-11-24T13:00:00+00:30, 2026-11-24T14:00:00Z, 2026-11-24T12:30:00Z, 2026-11-24T14:00:00Z",
        "max and backdate,               '',     24h,   2026-11-24T11:59:00Z, 2026-11-25T12:00:00Z",
        "max and backdate without one,   0s,     24h1m, 2026-11-24T12:00:00Z, 2026-11-25T12:01:00Z",
        "backdate counts for the minimum,'',     4m,    2026-11-24T11:59:00Z, 2026-11-24T12:04:00Z"
    })
    void what_is_asked_for_within_the_limits_is_given(
            String what, String notBefore, String notAfter, Instant start, Instant end) {
        assertThat(of(notBefore, notAfter, Duration.ofMinutes(1))).isEqualTo(new LeafValidity(start, end));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-2h | -1h | MALFORMED | notAfter cannot be in the past; na=2026-11-24 09:00:00 +0000 UTC",
                "2h | -1h | MALFORMED | notAfter cannot be before notBefore; na=2026-11-24 13:00:00 +0000 UTC, nb=2026-11-24 14:00:00 +0000 UTC",
                "'' | 24h1m1s | FORBIDDEN | requested duration of 24h2m1s is more than the authorized maximum certificate duration of 24h1m0s",
                "0s | 24h2m | FORBIDDEN | requested duration of 24h2m0s is more than the authorized maximum certificate duration of 24h1m0s",
                "0s | 4m59s | FORBIDDEN | requested duration of 4m59s is less than the authorized minimum certificate duration of 5m0s",
                "'' | 3m59s | FORBIDDEN | requested duration of 4m59s is less than the authorized minimum certificate duration of 5m0s",
                "0s | 0s | FORBIDDEN | requested duration of 0s is less than the authorized minimum certificate duration of 5m0s",
                "2026-11-24T09:59:59Z | 2026-11-24T12:30:00Z | FORBIDDEN | requested validity is outside the issuer's own, 2026-11-24 10:00:00 +0000 UTC to 2027-11-24 10:00:00 +0000 UTC",
                "2027-11-24T09:00:00Z | 2027-11-24T10:00:01Z | FORBIDDEN | requested validity is outside the issuer's own, 2026-11-24 10:00:00 +0000 UTC to 2027-11-24 10:00:00 +0000 UTC"
            })
    void what_is_outside_the_limits_is_refused_in_words(
            String notBefore, String notAfter, ErrorCode code, String detail) {
        assertThatThrownBy(() -> of(notBefore, notAfter, Duration.ofMinutes(1)))
                .isInstanceOfSatisfying(CaException.class, e -> {
                    assertThat(e.code()).isEqualTo(code);
                    assertThat(e.publicDetail()).isEqualTo(detail);
                });
    }

    @Test
    void ten_minutes_of_backdating_make_twenty_seconds_long_enough() {
        assertThat(of("", "20s", Duration.ofMinutes(10)))
                .isEqualTo(
                        new LeafValidity(Instant.parse("2026-11-24T11:50:00Z"), Instant.parse("2026-11-24T12:00:20Z")));
    }

    @Test
    void a_default_end_is_cut_at_the_issuers_and_a_wish_is_not() {
        LeafValidity issuer = new LeafValidity(ISSUER.notBefore(), Instant.parse("2026-11-24T20:00:00Z"));
        assertThat(LeafValidity.of(
                                Optional.empty(),
                                Optional.empty(),
                                Claims.BUILT_IN,
                                Duration.ofMinutes(1),
                                NOW,
                                within(issuer))
                        .notAfter())
                .isEqualTo(issuer.notAfter());
        assertThatThrownBy(() -> LeafValidity.of(
                        Optional.empty(), wish("9h"), Claims.BUILT_IN, Duration.ofMinutes(1), NOW, within(issuer)))
                .isInstanceOf(CaException.class);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "a default is cut,                PT2H,   '',  '',    2026-11-24T11:59:00Z, 2026-11-24T13:59:00Z",
        "a shorter default is not,        PT25H,  '',  '',    2026-11-24T11:59:00Z, 2026-11-25T12:00:00Z",
        "from a start of its own,         PT2H,   1h,  '',    2026-11-24T13:00:00Z, 2026-11-24T15:00:00Z",
        "a wish costs some of a backdate, PT2H,   '',  2h,    2026-11-24T12:00:00Z, 2026-11-24T14:00:00Z",
        "or less of it,                   PT2H,   '',  7170s, 2026-11-24T11:59:30Z, 2026-11-24T13:59:30Z",
        "or nothing,                      PT2H,   '',  1h,    2026-11-24T11:59:00Z, 2026-11-24T13:00:00Z",
        "in whole seconds,                PT2H0.9S, '', '',   2026-11-24T11:59:00Z, 2026-11-24T13:59:00Z"
    })
    void no_certificate_is_longer_than_the_key_may_sign(
            String what, String longest, String notBefore, String notAfter, Instant start, Instant end) {
        assertThat(atMost(longest, notBefore, notAfter)).isEqualTo(new LeafValidity(start, end));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PT2H | '' | 7201s | a certificate duration of 2h0m1s is more than keyRules.maxValidity in chancery.json allows: 2h0m0s",
                "PT2H | 0s | 3h    | a certificate duration of 3h0m0s is more than keyRules.maxValidity in chancery.json allows: 2h0m0s",
                "PT2H | '' | 25h   | requested duration of 25h0m0s is more than the authorized maximum certificate duration of 24h1m0s",
                "PT4M | '' | ''    | a certificate duration of 5m0s is more than keyRules.maxValidity in chancery.json allows: 4m0s",
                "PT30S | '' | ''   | a certificate duration of 5m0s is more than keyRules.maxValidity in chancery.json allows: 30s"
            })
    void what_is_longer_than_the_key_may_sign_is_refused_in_words(
            String longest, String notBefore, String notAfter, String detail) {
        assertThatThrownBy(() -> atMost(longest, notBefore, notAfter)).isInstanceOfSatisfying(CaException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN);
            assertThat(e.publicDetail()).isEqualTo(detail);
        });
    }

    @Test
    void a_backdate_never_reaches_before_the_issuer_began() {
        LeafValidity young = new LeafValidity(Instant.parse("2026-11-24T11:59:50Z"), ISSUER.notAfter());
        assertThat(LeafValidity.of(
                                Optional.empty(),
                                Optional.empty(),
                                Claims.BUILT_IN,
                                Duration.ofMinutes(1),
                                NOW,
                                within(young))
                        .notBefore())
                .isEqualTo(young.notBefore());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1h"})
    void under_an_issuer_that_begins_a_moment_from_now_it_begins_with_it_whether_or_not_an_end_is_asked_for(
            String notAfter) {
        LeafValidity young = new LeafValidity(Instant.parse("2026-11-24T12:00:05Z"), ISSUER.notAfter());
        assertThat(LeafValidity.of(
                                Optional.empty(),
                                wish(notAfter),
                                Claims.BUILT_IN,
                                Duration.ofMinutes(1),
                                NOW,
                                within(young))
                        .notBefore())
                .isEqualTo(young.notBefore());
    }

    @Test
    void whatever_is_asked_for_what_is_given_lies_within_issuer_and_limits_in_whole_seconds() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int given = 0;
        for (int i = 0; i < 5_000; i++) {
            Optional<TimeOrDuration> from = random.nextBoolean()
                    ? Optional.empty()
                    : Optional.of(
                            new TimeOrDuration.After(Duration.ofMillis(random.nextInt(400_000_000) - 200_000_000L)));
            Optional<TimeOrDuration> to = random.nextBoolean()
                    ? Optional.empty()
                    : Optional.of(new TimeOrDuration.After(Duration.ofMillis(random.nextInt(100_000_000))));
            Duration backdate = Duration.ofMillis(random.nextInt(600_000));
            try {
                LeafValidity validity = LeafValidity.of(from, to, Claims.BUILT_IN, backdate, NOW, within(ISSUER));
                given++;
                assertThat(validity.notAfter()).as("seed %d", seed).isBeforeOrEqualTo(ISSUER.notAfter());
                assertThat(validity.notBefore()).as("seed %d", seed).isAfterOrEqualTo(ISSUER.notBefore());
                assertThat(Duration.between(validity.notBefore(), validity.notAfter()))
                        .as("seed %d", seed)
                        .isBetween(Duration.ofMinutes(5), Duration.ofHours(24).plus(backdate));
                assertThat(validity.notBefore())
                        .as("seed %d", seed)
                        .isEqualTo(validity.notBefore().truncatedTo(ChronoUnit.SECONDS));
                assertThat(validity.notAfter())
                        .as("seed %d", seed)
                        .isEqualTo(validity.notAfter().truncatedTo(ChronoUnit.SECONDS));
            } catch (CaException e) {
                assertThat(e.code()).isIn(ErrorCode.MALFORMED, ErrorCode.FORBIDDEN);
            }
        }
        assertThat(given).isGreaterThan(500);
    }
}
