package io.chancery.node.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** Which servers are old primaries. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SeenTimelinesTest {
    private final SeenTimelines timelines = new SeenTimelines();

    private boolean refused(String system, long timeline) {
        return timelines.refuse(new PostgresIdentity(system, 1, timeline)).isPresent();
    }

    @Test
    void a_server_of_a_lower_timeline_than_one_seen_is_refused_and_named() {
        assertThat(refused("s", 1)).isFalse();
        assertThat(refused("s", 3)).isFalse();
        assertThat(timelines.refuse(new PostgresIdentity("s", 1, 2)).orElseThrow())
                .contains("timeline is 2")
                .contains("3 has been seen");
        assertThat(refused("s", 3)).isFalse();
    }

    @Test
    void also_when_another_system_was_connected_in_between() {
        assertThat(refused("s", 2)).isFalse();
        assertThat(refused("other", 1)).isFalse();
        assertThat(refused("s", 1)).isTrue();
        assertThat(refused("s", 2)).isFalse();
    }

    @Test
    void a_refused_server_lowers_nothing() {
        assertThat(refused("s", 2)).isFalse();
        assertThat(refused("s", 1)).isTrue();
        assertThat(refused("s", 1)).isTrue();
    }
}
