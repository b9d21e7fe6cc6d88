package io.chancery.core.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.GoFixtures;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TimeOrDurationTest {
    /** Go reads these, as docs/divergences.md says; no zone is more than 18 hours off. */
    private static final Set<String> STRICTER_HERE = Set.of(
            "2026-11-24T16:00:00,5Z",
            "2026-11-24T6:00:00Z",
            "2026-11-24T16:00:00.1234567891Z",
            "2026-11-24T16:00:00-18:01",
            "2026-11-24T16:00:00+23:59",
            "2026-11-24T16:00:00+24:00",
            "2026-11-24T16:00:00+24:60");

    static Stream<Arguments> parsed_by_Go() {
        return GoFixtures.lines("times-parsed.txt").stream().map(l -> Arguments.of(l.get(0), l.get(1)));
    }

    static Stream<Arguments> printed_by_Go() {
        return GoFixtures.lines("times-printed.txt").stream().map(l -> Arguments.of(l.get(0), l.get(1)));
    }

    @ParameterizedTest
    @MethodSource("parsed_by_Go")
    void a_time_is_read_as_Go_reads_it(String text, String time) {
        if (time.equals("refused") || STRICTER_HERE.contains(text)) {
            assertThatThrownBy(() -> TimeOrDuration.parse(text)).isInstanceOf(IllegalArgumentException.class);
        } else {
            assertThat(TimeOrDuration.parse(text)).isEqualTo(new TimeOrDuration.At(Instant.parse(time)));
        }
    }

    @ParameterizedTest
    @MethodSource("printed_by_Go")
    void a_time_is_printed_as_Go_prints_it(String time, String printed) {
        assertThat(GoTime.print(Instant.parse(time))).isEqualTo(printed);
    }

    @Test
    void a_duration_counts_from_the_moment_it_is_given() {
        Instant base = Instant.parse("2026-11-24T16:00:00Z");
        assertThat(TimeOrDuration.parse("-1m")).isEqualTo(new TimeOrDuration.After(Duration.ofMinutes(-1)));
        assertThat(TimeOrDuration.parse("24h").resolve(base)).isEqualTo("2026-11-25T16:00:00Z");
        assertThat(TimeOrDuration.parse("2026-01-01T00:00:00Z").resolve(base)).isEqualTo("2026-01-01T00:00:00Z");
    }
}
