package io.chancery.core.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SeldomTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5); // a count that overflows soon
    private final Seldom seldom = new Seldom(Duration.ofNanos(10), nanos::get);

    @Test
    void it_is_due_at_once_and_then_when_the_while_is_over() {
        assertThat(seldom.due()).isTrue();
        assertThat(seldom.due()).isFalse();
        nanos.addAndGet(9);
        assertThat(seldom.due()).isFalse();
        nanos.incrementAndGet();
        assertThat(seldom.due()).isTrue();
        assertThat(seldom.due()).isFalse();
    }
}
