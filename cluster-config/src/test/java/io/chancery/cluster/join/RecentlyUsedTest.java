package io.chancery.cluster.join;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.der.Sha256;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RecentlyUsedTest {
    private long now = Long.MAX_VALUE - 5;
    private final RecentlyUsed recently = new RecentlyUsed(2, () -> now);

    private static Sha256 hash(int of) {
        return Sha256.digest(new byte[] {(byte) of});
    }

    @Test
    void what_the_grid_said_holds_for_a_minute_from_then_however_often_it_is_asked_for() {
        recently.put(hash(1), hash(10));
        now += TimeUnit.SECONDS.toNanos(59);
        assertThat(recently.get(hash(1))).contains(hash(10));
        now += TimeUnit.SECONDS.toNanos(1);
        assertThat(recently.get(hash(1))).isEmpty();
        assertThat(recently.get(hash(2))).isEmpty();
    }

    @Test
    void beyond_the_limit_the_one_that_was_longest_not_asked_for_goes() {
        recently.put(hash(1), hash(10));
        recently.put(hash(2), hash(20));
        assertThat(recently.get(hash(1))).contains(hash(10));
        recently.put(hash(3), hash(30));
        assertThat(recently.get(hash(2))).isEmpty();
        assertThat(recently.get(hash(1))).contains(hash(10));
        assertThat(recently.get(hash(3))).contains(hash(30));
    }
}
