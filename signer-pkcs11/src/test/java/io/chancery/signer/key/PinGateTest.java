package io.chancery.signer.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.TokenFailures;
import io.chancery.signer.hsm.TokenSlot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PinGateTest {
    private static final long COUNT_LOW = 0x10000;
    private static final long FINAL_TRY = 0x20000;
    private static final long LOCKED = 0x40000;
    private static final Optional<Secret> PIN = Optional.of(Secret.of("1111"));
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Optional<Secret> OTHER = Optional.of(Secret.of("2222"));

    @TempDir
    Path folder;

    private final Token token = new Token();
    private final OneFactTurns turns = new OneFactTurns();

    /** Counts logins, and knows the right PIN. */
    private static final class Token implements PinGate.Login<String> {
        int logins;
        boolean right;

        @Override
        public String run(TokenSlot slot, PinGate.Answer answer) {
            logins++;
            if (right) {
                answer.accepted();
                return "key";
            }
            answer.refused();
            throw TokenFailures.of(HsmException.Kind.PIN_REFUSED);
        }
    }

    private RefusedPins pins(String node) {
        return QuickPins.in(folder.resolve(node));
    }

    private String pass(String node, String pin, long flags) {
        boolean unused = folder.resolve(node).toFile().mkdirs();
        return PinGate.ofService(pins(node), turns).pass(() -> slot(flags), Optional.of(Secret.of(pin)), token);
    }

    @Test
    void tokens_of_one_serial_number_are_told_apart_by_what_else_they_say_of_themselves() {
        boolean unused = folder.resolve("a").toFile().mkdirs();
        PinGate gate = PinGate.ofService(pins("a"), turns);
        Optional<Secret> pin = Optional.of(Secret.of("1111"));
        assertThatThrownBy(() -> gate.pass(() -> named("one", "serial"), pin, token))
                .isInstanceOf(HsmException.class);
        token.right = true;
        turns.fact = Optional.empty();
        assertThat(gate.pass(() -> named("two", "serial"), pin, token)).isEqualTo("key");
        assertThatThrownBy(() -> gate.pass(() -> named("one", "serial"), pin, token))
                .hasMessageContaining("refused this PIN before");
    }

    @Test
    void of_a_token_without_a_serial_number_other_nodes_are_told_nothing_and_believed_nothing() {
        for (String none : new String[] {"0000000000000000", "", "   ", "0"}) {
            boolean unused = folder.resolve("a").toFile().mkdirs();
            PinGate gate = PinGate.ofService(pins("a"), turns);
            token.right = false;
            assertThatThrownBy(() -> gate.pass(() -> named("tpm" + none.length(), none), PIN, token))
                    .isInstanceOf(HsmException.class);
            assertThat(turns.fact).as(none).isEmpty();
            turns.fact = Optional.of("another node's");
            token.right = true;
            assertThat(gate.pass(() -> named("tpm" + none.length(), none), OTHER, token))
                    .isEqualTo("key");
            turns.fact = Optional.empty();
        }
    }

    private static TokenSlot named(String label, String serial) {
        return new TokenSlot(1, 0, label, serial, "maker", "model", 0);
    }

    private static TokenSlot slot(long flags) {
        return new TokenSlot(1, 0, "label", "serial", "maker", "model", flags);
    }

    private void refused(String node, String pin, long flags, String text) {
        int before = token.logins;
        assertThatThrownBy(() -> pass(node, pin, flags))
                .isInstanceOfSatisfying(
                        SigningKeyException.class,
                        e -> assertThat(e.kind()).isEqualTo(SigningKeyException.Kind.PIN_REFUSED))
                .hasMessageContaining(text)
                .hasMessageNotContaining(pin);
        assertThat(token.logins).as("logins").isEqualTo(before);
    }

    private void triedInVain(String node, String pin, long flags) {
        int before = token.logins;
        assertThatThrownBy(() -> pass(node, pin, flags)).isInstanceOf(HsmException.class);
        assertThat(token.logins).as("logins").isEqualTo(before + 1);
    }

    @Test
    void a_wrong_pin_is_tried_once_whatever_process_comes_and_another_one_once_again() {
        triedInVain("a", "1111", 0);
        refused("a", "1111", COUNT_LOW, "refused this PIN before");
        triedInVain("a", "2222", COUNT_LOW);
        refused("a", "2222", COUNT_LOW, "refused this PIN before");
        refused("a", "1111", COUNT_LOW, "refused this PIN before");
    }

    @Test
    void another_node_waits_when_it_hears_of_it_until_it_has_another_pin() {
        triedInVain("a", "1111", 0);
        refused("b", "1111", 0, "refused the PIN of another node");
        refused("b", "1111", 0, "taken for the same");
        token.right = true;
        assertThat(pass("b", "2222", 0)).isEqualTo("key");
        assertThat(turns.fact).as("nobody waits any more").isEmpty();
        assertThat(pass("c", "1111", 0)).isEqualTo("key");
    }

    @Test
    void a_new_pin_is_tried_although_others_that_heard_of_the_old_one_are_still_waiting() {
        triedInVain("a", "1111", 0);
        refused("b", "1111", COUNT_LOW, "refused the PIN of another node");
        refused("c", "1111", COUNT_LOW, "refused the PIN of another node");
        refused("b", "1111", COUNT_LOW, "taken for the same");
        refused("a", "1111", COUNT_LOW, "refused this PIN before");
        token.right = true;
        assertThat(pass("a", "2222", COUNT_LOW)).isEqualTo("key");
        assertThat(pass("b", "2222", 0)).isEqualTo("key");
        assertThat(pass("c", "2222", 0)).isEqualTo("key");
    }

    @Test
    void a_pin_that_was_refused_stays_so_when_another_key_of_the_node_has_brought_the_right_one() {
        triedInVain("a", "1111", 0);
        token.right = true;
        assertThat(pass("a", "2222", 0)).isEqualTo("key");
        refused("a", "1111", 0, "refused this PIN before");
        refused("a", "3333", COUNT_LOW, "somebody gave the token");
    }

    @Test
    void an_operator_allows_one_more_login() throws Exception {
        triedInVain("a", "1111", 0);
        int unused = pins("a").permitRetry();
        triedInVain("a", "1111", 0);
        refused("a", "1111", 0, "hsm retry");
        unused = pins("a").permitRetry();
        token.right = true;
        assertThat(pass("a", "1111", 0)).isEqualTo("key");
    }

    @Test
    void an_operators_word_is_for_each_token_that_refused_and_no_healthy_key_takes_it() throws Exception {
        boolean unused = folder.resolve("a").toFile().mkdirs();
        turns.deaf = true;
        PinGate gate = PinGate.ofService(pins("a"), turns);
        for (String name : List.of("one", "two")) {
            assertThatThrownBy(() -> gate.pass(() -> named(name, "serial"), PIN, token))
                    .isInstanceOf(HsmException.class);
        }
        int forgotten = pins("a").permitRetry();
        assertThat(forgotten).isEqualTo(2);
        token.right = true;
        assertThat(gate.pass(() -> named("healthy", "serial"), PIN, token)).isEqualTo("key");
        token.right = false;
        for (String name : List.of("one", "two")) {
            assertThatThrownBy(() -> gate.pass(() -> named(name, "serial"), PIN, token))
                    .as("allowed once")
                    .isInstanceOf(HsmException.class);
            assertThatThrownBy(() -> gate.pass(() -> named(name, "serial"), PIN, token))
                    .hasMessageContaining("refused this PIN before");
        }
        token.right = true;
        TokenSlot counted = new TokenSlot(1, 0, "three", "serial", "maker", "model", COUNT_LOW);
        assertThat(gate.pass(() -> counted, PIN, token)).as("somebody else's").isEqualTo("key");
        assertThatThrownBy(() -> gate.pass(() -> counted, PIN, token)).hasMessageContaining("hsm retry");
    }

    @Test
    void where_the_refused_pins_cannot_be_read_none_is_tried() throws Exception {
        token.right = true;
        Path unreadable = Files.createDirectories(folder.resolve("a/refused-pins"));
        refused("a", "1111", 0, "cannot be read");
        Files.delete(unreadable);
        assertThat(pass("a", "1111", 0)).isEqualTo("key");
    }

    @Test
    void a_token_that_somebody_gave_a_wrong_pin_is_logged_in_to_by_command_only() throws Exception {
        token.right = true;
        refused("a", "1111", COUNT_LOW, "hsm retry");
        int unused = pins("a").permitRetry();
        assertThat(pass("a", "1111", COUNT_LOW)).isEqualTo("key");
    }

    @Test
    void a_token_with_one_try_left_or_none_is_never_logged_in_to() throws Exception {
        token.right = true;
        refused("a", "1111", COUNT_LOW | FINAL_TRY, "one try left");
        refused("a", "1111", LOCKED, "locked");
        int unused = pins("a").permitRetry();
        refused("a", "1111", COUNT_LOW | FINAL_TRY, "one try left");
        refused("a", "1111", LOCKED, "locked");
    }

    @Test
    void what_another_one_did_while_this_node_waited_for_its_turn_counts() {
        token.right = true;
        boolean unused = folder.resolve("a").toFile().mkdirs();
        for (long flags : new long[] {COUNT_LOW, COUNT_LOW | FINAL_TRY, LOCKED}) {
            Iterator<Long> seen = List.of(0L, flags).iterator();
            assertThatThrownBy(() -> PinGate.ofService(pins("a"), turns)
                            .pass(() -> slot(seen.next()), Optional.of(Secret.of("1111")), token))
                    .isInstanceOf(SigningKeyException.class);
        }
        assertThat(token.logins).isZero();
    }

    @Test
    void a_refusal_is_told_once_however_often_the_waiting_node_looks() {
        boolean unused = folder.resolve("a").toFile().mkdirs();
        PinGate gate = PinGate.ofService(pins("a"), turns);
        Optional<Secret> pin = Optional.of(Secret.of("1111"));
        turns.deaf = true;
        assertThatThrownBy(() -> gate.pass(() -> slot(0), pin, token)).isInstanceOf(HsmException.class);
        turns.deaf = false;
        assertThatThrownBy(() -> gate.pass(() -> slot(0), pin, token)).hasMessageContaining("refused this PIN before");
        assertThat(turns.fact).as("told as soon as they hear").isPresent();
        turns.accepted();
        assertThatThrownBy(() -> gate.pass(() -> slot(0), pin, token)).hasMessageContaining("refused this PIN before");
        assertThat(turns.fact).as("nobody is told again").isEmpty();
    }

    @Test
    void a_node_that_looks_for_another_pin_takes_no_turn_once_the_others_have_heard_and_still_takes_an_operators_word()
            throws Exception {
        boolean unused = folder.resolve("a").toFile().mkdirs();
        PinGate gate = PinGate.ofService(pins("a"), turns);
        assertThatThrownBy(() -> gate.pass(() -> slot(0), PIN, token)).isInstanceOf(HsmException.class);
        for (int look = 0; look < 20; look++) {
            assertThatThrownBy(() -> gate.pass(() -> slot(0), PIN, token))
                    .hasMessageContaining("refused this PIN before");
        }
        assertThat(turns.taken).hasValue(1);
        int forgotten = pins("a").permitRetry();
        assertThat(forgotten).isEqualTo(1);
        token.right = true;
        assertThat(gate.pass(() -> slot(0), PIN, token)).isEqualTo("key");
    }

    @Test
    void a_login_that_hangs_keeps_other_nodes_away_and_they_wait_for_longer_than_a_turn_lasts() {
        boolean unused = folder.resolve("a").toFile().mkdirs();
        assertThatThrownBy(() -> PinGate.ofService(pins("a"), turns).pass(() -> slot(0), PIN, (slot, answer) -> {
                    answer.begun();
                    throw TokenFailures.of(HsmException.Kind.HUNG);
                }))
                .isInstanceOf(HsmException.class);
        assertThat(turns.closed).as("turns ended before the token has answered").hasValue(0);
        assertThat(turns.calls).singleElement().asString().endsWith(" 11000");
    }

    /** The answer to a login that nobody waits for any more. */
    private PinGate.Answer leftBehind(Duration longestAnswer) {
        boolean unused = folder.resolve("a").toFile().mkdirs();
        AtomicReference<PinGate.Answer> late = new AtomicReference<>();
        assertThatThrownBy(() -> PinGate.ofService(pins("a"), turns, longestAnswer)
                        .pass(() -> slot(0), PIN, (slot, answer) -> {
                            answer.begun();
                            late.set(answer);
                            throw TokenFailures.of(HsmException.Kind.HUNG);
                        }))
                .isInstanceOf(HsmException.class);
        return late.get();
    }

    private void noOtherProcessMayCome() {
        assertThatThrownBy(() -> pins("a").turn(slot(0).identity(), Duration.ofMillis(1)))
                .isInstanceOfSatisfying(
                        SigningKeyException.class,
                        e -> assertThat(e.isOthersTurn()).isTrue());
    }

    private void anotherProcessMayCome() {
        pins("a").turn(slot(0).identity(), Duration.ofMillis(1)).close();
    }

    @Test
    void a_login_that_hangs_keeps_other_processes_of_the_node_away_until_the_token_has_answered() {
        PinGate.Answer late = leftBehind(HOUR);
        noOtherProcessMayCome();
        late.refused();
        anotherProcessMayCome();
        refused("a", "1111", 0, "refused this PIN before");
    }

    @Test
    void a_login_that_hangs_keeps_other_processes_of_the_node_away_until_it_has_ended_in_any_way() {
        PinGate.Answer late = leftBehind(HOUR);
        noOtherProcessMayCome();
        late.over();
        anotherProcessMayCome();
    }

    @Test
    void a_login_that_hangs_for_ever_lets_other_processes_of_the_node_come_when_no_hsm_answers_any_more() {
        PinGate.Answer late = leftBehind(Duration.ofMillis(1));
        NodeTurn others = pins("a").turn(slot(0).identity(), Duration.ofSeconds(30));
        late.over();
        noOtherProcessMayCome();
        others.close();
    }

    @Test
    void a_login_that_was_not_made_because_other_calls_hang_keeps_nobody_away() {
        boolean unused = folder.resolve("a").toFile().mkdirs();
        assertThatThrownBy(() -> PinGate.ofService(pins("a"), turns, HOUR).pass(() -> slot(0), PIN, (slot, answer) -> {
                    throw TokenFailures.of(HsmException.Kind.HUNG);
                }))
                .isInstanceOf(HsmException.class);
        anotherProcessMayCome();
        assertThat(turns.closed).hasValue(1);
    }

    @Test
    void a_login_that_has_ended_keeps_nobody_away_though_a_later_call_hangs() {
        boolean unused = folder.resolve("a").toFile().mkdirs();
        assertThatThrownBy(() -> PinGate.ofService(pins("a"), turns, HOUR).pass(() -> slot(0), PIN, (slot, answer) -> {
                    answer.begun();
                    answer.over();
                    throw TokenFailures.of(HsmException.Kind.HUNG);
                }))
                .isInstanceOf(HsmException.class);
        anotherProcessMayCome();
        assertThat(turns.closed).hasValue(1);
    }

    @Test
    void two_keys_of_one_process_on_one_token_try_a_wrong_pin_once() throws Exception {
        boolean unused = folder.resolve("a").toFile().mkdirs();
        Optional<Secret> pin = Optional.of(Secret.of("1111"));
        AtomicReference<RuntimeException> failure = new AtomicReference<>();
        Thread other = new Thread(() -> {
            try {
                String key = PinGate.ofService(pins("a"), turns).pass(() -> slot(0), pin, token);
                failure.set(new IllegalStateException("it got " + key));
            } catch (RuntimeException e) {
                failure.set(e);
            }
        });
        assertThatThrownBy(() -> PinGate.ofService(pins("a"), turns).pass(() -> slot(0), pin, (slot, answer) -> {
                    other.start();
                    while (other.getState() != Thread.State.TIMED_WAITING && other.isAlive()) {
                        Thread.onSpinWait();
                    }
                    return token.run(slot, answer);
                }))
                .isInstanceOf(HsmException.class);
        other.join();
        assertThat(failure.get()).hasMessageContaining("refused this PIN before");
        assertThat(token.logins).isEqualTo(1);
    }

    @Test
    void others_may_be_at_the_token_as_soon_as_it_has_accepted_the_pin_whatever_this_one_still_does_there() {
        boolean unused = folder.resolve("a").toFile().mkdirs();
        TokenSlot slot = slot(0);
        String passed = PinGate.ofService(pins("a"), turns).pass(() -> slot, PIN, (now, answer) -> {
            assertThat(turns.closed).hasValue(0);
            answer.accepted();
            assertThat(turns.closed).as("other nodes").hasValue(1);
            pins("a").turn(slot.identity(), Duration.ofMillis(1)).close();
            return "key";
        });
        assertThat(passed).isEqualTo("key");
        assertThat(turns.closed).as("once, or it would end another one's").hasValue(1);
    }

    @Test
    void no_other_process_of_the_node_is_at_the_token_until_it_has_answered() {
        boolean unused = folder.resolve("a").toFile().mkdirs();
        TokenSlot slot = slot(0);
        String passed = PinGate.ofService(pins("a"), turns).pass(() -> slot, PIN, (now, answer) -> {
            assertThatThrownBy(() -> pins("a").turn(slot.identity(), Duration.ofMillis(1)))
                    .isInstanceOfSatisfying(
                            SigningKeyException.class,
                            e -> assertThat(e.isOthersTurn()).isTrue())
                    .hasMessageContaining("is at the token");
            return "key";
        });
        assertThat(passed).isEqualTo("key");
        pins("a").turn(slot.identity(), Duration.ofMillis(1)).close();
    }
}
