package io.chancery.signer.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class FreshProcessProbeTest {
    private static final long TICK_MILLIS = 250;

    /** A clock that overflows within a test, as it may. */
    private long now = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(5);

    private long lost = now;
    /** Begun and not ended. */
    private Optional<Runnable> begun = Optional.empty();

    private boolean signs;
    private int helps;
    private final FreshProcessProbe probe =
            new FreshProcessProbe(() -> signs, () -> helps++, task -> begun = Optional.of(task), () -> now);

    /** One more failed try, a little later. */
    private void tick() {
        now += TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS);
        probe.stillAway(Duration.ofNanos(now - lost));
    }

    /** Lets time pass until a process is started; answers the milliseconds since the loss. */
    private long untilOneIsStarted() {
        for (int i = 0; i < 1_000 && begun.isEmpty(); i++) {
            tick();
        }
        assertThat(begun).as("a process that was started").isPresent();
        return TimeUnit.NANOSECONDS.toMillis(now - lost);
    }

    private void ends(boolean signed) {
        signs = signed;
        begun.orElseThrow().run();
        begun = Optional.empty();
    }

    @Test
    void while_none_can_sign_one_is_started_after_a_second_and_then_after_growing_pauses() {
        List<Long> starts = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            starts.add(untilOneIsStarted());
            ends(false);
        }
        assertThat(starts).containsExactly(1_000L, 2_000L, 4_000L, 8_000L, 16_000L, 31_000L, 46_000L);
        assertThat(helps).isZero();
    }

    @Test
    void one_that_no_thread_could_be_started_for_is_followed_by_another() {
        AtomicInteger refusals = new AtomicInteger(1);
        FreshProcessProbe one = new FreshProcessProbe(
                () -> false,
                () -> helps++,
                task -> {
                    if (refusals.getAndDecrement() > 0) {
                        throw new OutOfMemoryError("a test has no more threads");
                    }
                    begun = Optional.of(task);
                },
                () -> now);
        now += TimeUnit.SECONDS.toNanos(1);
        assertThatThrownBy(() -> one.stillAway(Duration.ofNanos(now - lost))).isInstanceOf(OutOfMemoryError.class);
        now += TimeUnit.SECONDS.toNanos(1);
        one.stillAway(Duration.ofNanos(now - lost));
        assertThat(begun).as("the next one").isPresent();
    }

    @Test
    void one_at_a_time_is_started_and_the_pause_begins_at_its_end() {
        assertThat(untilOneIsStarted()).isEqualTo(1_000L);
        Runnable first = begun.orElseThrow();
        begun = Optional.empty();
        for (int i = 0; i < 100; i++) {
            tick();
        }
        assertThat(begun).isEmpty();
        first.run();
        assertThat(untilOneIsStarted()).isEqualTo(27_000L);
    }

    @Test
    void it_helps_when_one_has_signed_and_this_process_cannot_a_second_later() {
        assertThat(untilOneIsStarted()).isEqualTo(1_000L);
        ends(true);
        for (int i = 0; i < 3; i++) {
            tick();
        }
        assertThat(helps).isZero();
        tick();
        assertThat(helps).isEqualTo(1);
    }

    @Test
    void what_was_learned_of_one_loss_says_nothing_of_the_next() {
        for (int i = 0; i < 3; i++) {
            long unused = untilOneIsStarted();
            ends(i == 2);
        }
        now += TimeUnit.SECONDS.toNanos(1); // the key is back, and lost again
        lost = now;
        assertThat(untilOneIsStarted()).isEqualTo(1_000L);
        ends(false);
        assertThat(untilOneIsStarted()).isEqualTo(2_000L);
        assertThat(helps).isZero();
    }

    /** It may have signed while the HSM was back for a moment, which this process has used as well. */
    @Test
    void one_that_was_started_before_the_key_was_lost_again_says_nothing_of_that() {
        long unused = untilOneIsStarted();
        now += TimeUnit.SECONDS.toNanos(1);
        lost = now;
        ends(true);
        assertThat(probe.hasSigned(Duration.ofNanos(now - lost))).isFalse();
        assertThat(untilOneIsStarted()).as("another one").isEqualTo(1_000L);
        ends(false);
        assertThat(helps).isZero();
    }
}
