package io.chancery.cli.start;

import static org.assertj.core.api.Assertions.assertThat;

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
    void one_that_is_ready_or_failed_goes_on() {
        boolean unused = ready.complete(443);
        assertThat(Waiting.endedFirst(ended, ready)).isEmpty();
        CompletableFuture<Integer> failed = CompletableFuture.failedFuture(new IllegalStateException("no port"));
        assertThat(Waiting.endedFirst(ended, failed)).isEmpty();
    }
}
