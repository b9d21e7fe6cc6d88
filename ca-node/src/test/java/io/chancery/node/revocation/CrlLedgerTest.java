package io.chancery.node.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.node.revocation.CrlLedger.Published;
import io.chancery.node.revocation.CrlLedger.State;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When another list is made, as things stand in the store. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class CrlLedgerTest {
    private static final Instant MADE = Instant.parse("2026-01-01T00:00:00Z");
    private static final CrlSettings DAILY =
            new CrlSettings(false, Duration.ofHours(24), Duration.ofHours(16), Optional.empty());

    @ParameterizedTest
    @CsvSource({"0, false", "57599, false", "57600, true", "-60, false", "-61, true", "-86400, true"})
    void a_list_is_due_after_its_time_and_at_once_when_it_was_made_by_a_clock_that_was_ahead(
            long secondsLater, boolean due) {
        Published list = new Published(BigInteger.ONE, MADE, MADE.plus(DAILY.lifetime()), 1);
        State state = new State(Optional.of(list), 0, 0, Optional.empty(), MADE.plusSeconds(secondsLater));
        assertThat(state.isDue(DAILY)).isEqualTo(due);
    }
}
