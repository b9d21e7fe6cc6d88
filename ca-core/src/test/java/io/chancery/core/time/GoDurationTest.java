package io.chancery.core.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.GoFixtures;
import java.time.Duration;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class GoDurationTest {
    static Stream<Arguments> parsed_by_Go() {
        return GoFixtures.lines("durations-parsed.txt").stream().map(l -> Arguments.of(l.get(0), l.get(1)));
    }

    static Stream<Arguments> printed_by_Go() {
        return GoFixtures.lines("durations-printed.txt").stream().map(l -> Arguments.of(l.get(0), l.get(1)));
    }

    @ParameterizedTest
    @MethodSource("parsed_by_Go")
    void a_duration_is_read_to_the_nanosecond_as_Go_reads_it(String text, String nanos) {
        if (nanos.equals("refused")) {
            assertThatThrownBy(() -> GoDuration.parse(text)).isInstanceOf(IllegalArgumentException.class);
        } else {
            assertThat(GoDuration.parse(text)).isEqualTo(Duration.ofNanos(Long.parseLong(nanos)));
        }
    }

    @ParameterizedTest
    @MethodSource("printed_by_Go")
    void a_duration_is_printed_as_Go_prints_it(String nanos, String text) {
        assertThat(GoDuration.print(Duration.ofNanos(Long.parseLong(nanos)))).isEqualTo(text);
    }

    @Test
    void what_is_printed_is_read_back() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            Duration duration = Duration.ofNanos(random.nextLong() >> random.nextInt(63));
            assertThat(GoDuration.parse(GoDuration.print(duration)))
                    .as("seed %d", seed)
                    .isEqualTo(duration);
        }
    }

    @Test
    void a_text_of_more_than_64_characters_is_refused_unread_and_not_repeated_whole() {
        assertThatThrownBy(() -> GoDuration.parse("1".repeat(100_000) + "h"))
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(150));
    }
}
