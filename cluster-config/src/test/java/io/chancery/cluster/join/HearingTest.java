package io.chancery.cluster.join;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class HearingTest {
    /** The clock's zero may be anywhere. */
    private static final long ZERO = Long.MAX_VALUE - Duration.ofSeconds(20).toNanos();

    private final Hearing hearing = new Hearing(HazelcastMembers.Pace.USUAL, at(0));

    private static long at(int seconds) {
        return ZERO + Duration.ofSeconds(seconds).toNanos();
    }

    @Test
    void a_node_that_is_alone_is_not_deaf() {
        hearing.peers(0, at(0));
        assertThat(hearing.deaf(at(1_000))).isEmpty();
    }

    @Test
    void others_have_fifteen_seconds_to_be_heard_from_when_they_came() {
        hearing.peers(0, at(0));
        hearing.peers(1, at(100));
        hearing.peers(2, at(114));
        assertThat(hearing.deaf(at(115))).isEmpty();
        assertThat(hearing.deaf(at(116))).isPresent();
        hearing.heard(at(117));
        assertThat(hearing.deaf(at(118))).isEmpty();
        assertThat(hearing.deaf(at(133))).isPresent();
        hearing.peers(0, at(134));
        assertThat(hearing.deaf(at(134))).isEmpty();
    }

    @Test
    void only_what_lasts_thirty_seconds_after_a_merge_is_for_good() {
        hearing.peers(1, at(0));
        assertThat(hearing.deafSinceMerge(at(100)))
                .as("deaf, but nothing merged")
                .isFalse();
        hearing.merged(at(101));
        assertThat(hearing.deafSinceMerge(at(131))).isFalse();
        assertThat(hearing.deafSinceMerge(at(132))).isTrue();
        hearing.heard(at(133));
        assertThat(hearing.deafSinceMerge(at(134))).isFalse();
        assertThat(hearing.deafSinceMerge(at(200)))
                .as("healed once, deaf again later")
                .isFalse();
    }
}
