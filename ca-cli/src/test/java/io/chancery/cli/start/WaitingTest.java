package io.chancery.cli.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(10)
class WaitingTest {
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();
    private final CompletableFuture<Integer> ready = new CompletableFuture<>();

    @Test
    void a_process_that_has_to_end_before_its_port_is_open_does() {
        boolean unused = ended.complete(4);
        assertThat(Waiting.endedFirst(ended, ready)).contains(4);
    }

    @Test
    void one_of_which_nobody_can_say_whether_it_has_to_end_is_not_waited_for() {
        boolean unused = ended.completeExceptionally(new IllegalStateException("no code"));
        assertThatThrownBy(() -> Waiting.endedFirst(ended, ready)).hasRootCauseMessage("no code");
    }

    @Test
    void one_that_is_ready_or_failed_goes_on() {
        boolean unused = ready.complete(443);
        assertThat(Waiting.endedFirst(ended, ready)).isEmpty();
        CompletableFuture<Integer> failed = CompletableFuture.failedFuture(new IllegalStateException("no port"));
        assertThat(Waiting.endedFirst(ended, failed)).isEmpty();
    }
}
