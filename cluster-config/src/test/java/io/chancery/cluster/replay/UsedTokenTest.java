package io.chancery.cluster.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.der.Sha256;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class UsedTokenTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00.5Z");
    private static final Sha256 KEY = Sha256.digest();

    private final SecureRandom random = new SecureRandom();

    static Stream<Arguments> lives() {
        return Stream.of(
                Arguments.of(Optional.of(NOW.plusSeconds(300)), Duration.ofMinutes(5 + 1 + 60)),
                Arguments.of(Optional.of(NOW), Duration.ofMinutes(1 + 60)),
                Arguments.of(Optional.of(NOW.minusSeconds(60)), Duration.ofHours(1)),
                Arguments.of(Optional.of(NOW.minus(Duration.ofDays(9_000))), Duration.ofHours(1)),
                Arguments.of(Optional.of(Instant.MIN), Duration.ofHours(1)),
                Arguments.of(Optional.of(Instant.MAX), Duration.ofDays(3_650)),
                Arguments.of(Optional.empty(), Duration.ofHours(24)));
    }

    @ParameterizedTest
    @MethodSource("lives")
    void it_is_remembered_an_hour_longer_than_it_could_be_used_and_never_for_ever(
            Optional<Instant> expiresAt, Duration life) {
        assertThat(UsedToken.of(KEY, expiresAt, Optional.empty(), NOW, random).life())
                .isEqualTo(life);
    }

    @Test
    void a_life_that_would_mean_for_ever_or_the_default_cannot_be_made() {
        for (Duration life : new Duration[] {
            Duration.ZERO, Duration.ofSeconds(-1), Duration.ofMillis(3_600_500), Duration.ofDays(4_000)
        }) {
            assertThatThrownBy(() -> new UsedToken(KEY, KEY, life)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void without_a_repeat_key_its_value_is_one_that_nobody_can_show() {
        UsedToken one = UsedToken.of(KEY, Optional.empty(), Optional.empty(), NOW, random);
        UsedToken other = UsedToken.of(KEY, Optional.empty(), Optional.empty(), NOW, random);
        assertThat(one.value()).isNotEqualTo(other.value());
        Sha256 repeatKey = Sha256.digest(new byte[] {1});
        assertThat(UsedToken.of(KEY, Optional.empty(), Optional.of(repeatKey), NOW, random)
                        .value())
                .isEqualTo(repeatKey);
    }
}
