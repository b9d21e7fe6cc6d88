package io.chancery.signer.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.cluster.signers.TokenTurns;
import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.TokenSlot;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that was started to see whether one could sign, and its turns in the grid of the one that started it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(30)
class LentTurnsTest {
    private static final Optional<Secret> PIN = Optional.of(Secret.of("1111"));

    @TempDir
    Path folder;

    private final OneFactTurns grid = new OneFactTurns();
    private final PipedOutputStream out = new PipedOutputStream();
    private final PipedInputStream in = new PipedInputStream();
    private final AskedTurns asked = new AskedTurns(new DataInputStream(in), out);
    private final AtomicReference<Optional<Thread>> server = new AtomicReference<>(Optional.empty());

    @BeforeEach
    void serve() throws IOException {
        LentTurns lent = new LentTurns(grid, new PipedInputStream(out), new PipedOutputStream(in));
        Thread thread = new Thread(lent::serve, "a test's turns");
        thread.start();
        server.set(Optional.of(thread));
    }

    @AfterEach
    void end() throws Exception {
        out.close();
        server.get().orElseThrow().join();
    }

    private static TokenSlot slot() {
        return new TokenSlot(1, 0, "tökén", "serial", "maker", "model", 0);
    }

    private RefusedPins pins() {
        return QuickPins.in(folder);
    }

    @Test
    void it_tries_no_PIN_while_another_node_was_refused_one_that_this_node_has_not_heard_of() {
        grid.fact = Optional.of("of-another-node");
        assertThatThrownBy(() -> PinGate.ofService(pins(), asked).pass(LentTurnsTest::slot, PIN, (slot, answer) -> {
                    throw new AssertionError("a login");
                }))
                .hasMessageContaining("refused the PIN of another node");
        assertThat(grid.calls).containsExactly("take " + slot().identity() + " 11000", "close");
        assertThat(pins().contains(slot().identity(), PIN))
                .as("known to the node's signer")
                .isTrue();
    }

    @Test
    void what_the_token_says_to_it_other_nodes_hear() {
        String id = "ab".repeat(16);
        try (TokenTurns.Turn turn = asked.take("token", Duration.ofMillis(5))) {
            assertThat(turn.refusal()).isEmpty();
            turn.refused(id);
            assertThat(turn.refusal()).contains(id);
            turn.accepted();
            assertThat(turn.refusal()).isEmpty();
        }
        assertThat(grid.calls).containsExactly("take token 5", "refused " + id, "accepted", "close");
    }

    @Test
    void what_its_library_prints_is_no_question() throws IOException {
        out.write(("token found\n" + "x".repeat(100_000) + "\nhalf a line").getBytes(StandardCharsets.UTF_8));
        asked.take("token", Duration.ofMillis(5)).close();
        assertThat(grid.calls).containsExactly("take token 5", "close");
    }

    @Test
    void the_end_of_the_process_leaves_its_turn_to_the_turns_own_end() throws Exception {
        TokenTurns.Turn unused = asked.take("token", Duration.ofMillis(5));
        end();
        assertThat(grid.calls).containsExactly("take token 5");
    }

    @Test
    void where_nobody_answers_nothing_is_tried() {
        try {
            in.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThatThrownBy(() -> asked.take("token", Duration.ofMillis(5)))
                .isInstanceOfSatisfying(
                        SigningKeyException.class, e -> assertThat(e.kind()).isEqualTo(SigningKeyException.Kind.AWAY));
    }
}
