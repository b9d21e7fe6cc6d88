package io.chancery.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(30)
class EventuallyTest {
    @Test
    void what_is_so_after_some_looks_is_waited_for_and_what_never_is_fails_with_its_name() throws Exception {
        AtomicInteger looks = new AtomicInteger();
        Eventually.holds("the third look", () -> looks.incrementAndGet() == 3);
        assertThat(looks).hasValue(3);
        assertThatThrownBy(() -> Eventually.holds("a miracle", Duration.ofMillis(20), () -> false))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("a miracle");
    }

    @Test
    void an_interrupt_ends_it() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> Eventually.holds("a miracle", () -> false)).isInstanceOf(InterruptedException.class);
    }
}
