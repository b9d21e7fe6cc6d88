package io.chancery.signer.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.certificate.KeyId;
import io.chancery.signer.key.SigningKeyException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(30)
class KeyRecoveryTest {
    private static final Duration LONG = Duration.ofSeconds(10);

    private final Source source = new Source();
    private final BlockingQueue<Duration> asked = new LinkedBlockingQueue<>();
    private final KeyRecovery<String> recovery = new KeyRecovery<>(new KeyId("ab".repeat(16)), source, asked::add);

    /** Gives what a test has put in, in this order; and says in which order it was called. */
    private static final class Source implements KeyRecovery.Source<String> {
        final BlockingQueue<Object> opens = new LinkedBlockingQueue<>();
        final List<String> calls = Collections.synchronizedList(new ArrayList<>());
        /** What comes where nothing was put in. */
        volatile Kind otherwise = Kind.AWAY;

        volatile boolean startsAgain = true;
        volatile Optional<String> hangs = Optional.empty();
        volatile boolean awaitsAnswer;

        @Override
        public String open() {
            Object next = opens.poll();
            calls.add("open");
            if (next instanceof String key) {
                return key;
            }
            if (next instanceof RuntimeException failure) {
                throw failure;
            }
            throw KeyFailures.of(next instanceof Kind kind ? kind : otherwise);
        }

        @Override
        public void retire(String key) {
            calls.add("retire " + key);
        }

        @Override
        public boolean startAgain(boolean evenUnderOthers) {
            calls.add(evenUnderOthers ? "start again under others" : "start again");
            return startsAgain;
        }

        @Override
        public boolean awaitsAnswer() {
            return awaitsAnswer;
        }

        @Override
        public Optional<String> hangs() {
            return hangs;
        }
    }

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            assertThat(Thread.currentThread().isInterrupted())
                    .as("whether the time of the test is up")
                    .isFalse();
            Thread.onSpinWait();
        }
    }

    private KeyState state() {
        return recovery.status(0, 0).state();
    }

    @Test
    void a_lost_key_is_out_of_use_at_once_closed_and_replaced_by_another_one() {
        source.opens.add("one");
        recovery.start();
        source.opens.add("two");
        recovery.lost("one", "a test lost it");
        assertThat(recovery.awaitKey(LONG)).isEqualTo("two");
        assertThat(source.calls).containsExactly("open", "retire one", "open");
        assertThat(recovery.status(0, 0)).isEqualTo(new KeyStatus(KeyState.READY, "", 1, 1, 0, 0));
    }

    @Test
    void the_library_is_started_again_only_when_another_key_is_not_to_be_had() {
        source.opens.add("one");
        recovery.start();
        source.opens.addAll(List.of(Kind.AWAY, "two"));
        recovery.lost("one", "a test lost it");
        assertThat(recovery.awaitKey(LONG)).isEqualTo("two");
        assertThat(source.calls).containsExactly("open", "retire one", "open", "start again", "open");
    }

    @Test
    void a_library_that_cannot_be_started_again_now_leaves_it_at_the_first_step() {
        source.opens.add("one");
        source.startsAgain = false;
        recovery.start();
        source.opens.addAll(List.of(Kind.AWAY, Kind.AWAY, "two"));
        recovery.lost("one", "a test lost it");
        assertThat(recovery.awaitKey(LONG)).isEqualTo("two");
        assertThat(source.calls)
                .containsExactly("open", "retire one", "open", "start again", "open", "start again", "open");
    }

    @Test
    void other_keys_of_the_library_are_interrupted_once_it_is_known_that_a_fresh_process_can_sign_and_only_once() {
        AtomicInteger words = new AtomicInteger();
        KeyRecovery<String> one = new KeyRecovery<>(new KeyId("ef".repeat(16)), source, new FreshProcess() {
            @Override
            public void stillAway(Duration away) {}

            @Override
            public boolean hasSigned(Duration away) {
                return words.getAndDecrement() > 0;
            }
        });
        source.opens.add("one");
        source.startsAgain = false;
        one.start();
        one.lost("one", "a test lost it");
        await(() -> source.calls.contains("start again"));
        assertThat(source.calls).doesNotContain("start again under others");
        words.set(1);
        await(() -> source.calls.contains("start again under others"));
        int tries = source.calls.size();
        await(() -> source.calls.size() > tries + 2);
        assertThat(source.calls.stream().filter("start again under others"::equals))
                .hasSize(1);
        source.opens.add("two");
        assertThat(one.awaitKey(LONG)).isEqualTo("two");
    }

    @Test
    void many_that_lost_the_same_key_start_one_healing() {
        source.opens.add("one");
        recovery.start();
        source.opens.addAll(List.of("two", "three"));
        recovery.lost("one", "first");
        assertThat(recovery.awaitKey(LONG)).isEqualTo("two");
        recovery.lost("one", "late");
        assertThat(recovery.key()).isEqualTo("two");
        assertThat(recovery.status(0, 0).losses()).isEqualTo(1);
    }

    @Test
    void while_somebody_else_is_at_the_token_no_library_is_started_again_and_no_fresh_process_asked_for() {
        source.opens.add("one");
        recovery.start();
        for (int i = 0; i < 20; i++) {
            source.opens.add(KeyFailures.othersTurn());
        }
        source.opens.add("two");
        long began = System.nanoTime();
        recovery.lost("one", "a test lost it");
        assertThat(recovery.awaitKey(LONG)).isEqualTo("two");
        assertThat(source.calls).doesNotContain("start again").hasSize(23);
        assertThat(asked).isEmpty();
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .as("twenty short pauses; if they grew, eight seconds")
                .isLessThan(Duration.ofSeconds(7));
    }

    @Test
    void a_refused_pin_starts_no_library_again_fails_who_waits_at_once_and_asks_no_fresh_process() {
        source.opens.add("one");
        recovery.start();
        source.otherwise = Kind.PIN_REFUSED;
        long began = System.nanoTime();
        recovery.lost("one", "a test lost it");
        assertThatThrownBy(() -> recovery.awaitKey(LONG))
                .isInstanceOfSatisfying(
                        SigningKeyException.class, e -> assertThat(e.kind()).isEqualTo(Kind.PIN_REFUSED));
        assertThat(state()).isEqualTo(KeyState.PIN_REFUSED);
        assertThat(source.calls).startsWith("open", "retire one", "open").doesNotContain("start again");
        long tries = source.calls.size();
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        assertThat(took).as("at once").isLessThan(LONG.dividedBy(2));
        assertThat(tries).as("calls in %s, a try each 250 ms", took).isLessThanOrEqualTo(3 + took.toMillis() / 250);
        assertThat(asked).isEmpty();
        source.opens.add("two");
        await(() -> state() == KeyState.READY);
    }

    @Test
    void while_calls_hang_nothing_is_tried_who_waits_is_told_at_once_and_a_fresh_process_is_asked_for()
            throws InterruptedException {
        source.opens.add("one");
        recovery.start();
        source.hangs = Optional.of("2 calls hang");
        source.opens.add("two");
        recovery.lost("one", "a test lost it");
        await(() -> state() == KeyState.HUNG);
        assertThatThrownBy(() -> recovery.awaitKey(LONG)).hasMessageContaining("2 calls hang");
        assertThat(asked.poll(10, TimeUnit.SECONDS))
                .as("the calls may hang in this process alone")
                .isNotNull();
        assertThat(source.calls).containsExactly("open");
        source.hangs = Optional.empty();
        await(() -> state() == KeyState.READY);
    }

    @Test
    void a_key_that_cannot_be_is_an_error_at_the_start_and_waited_for_later() {
        source.opens.add(Kind.MISCONFIGURED);
        assertThatThrownBy(recovery::start)
                .isInstanceOfSatisfying(
                        SigningKeyException.class, e -> assertThat(e.kind()).isEqualTo(Kind.MISCONFIGURED));
        assertThat(source.calls).containsExactly("open");

        KeyRecovery<String> second = new KeyRecovery<>(new KeyId("cd".repeat(16)), source, asked::add);
        source.opens.add("one");
        second.start();
        source.opens.addAll(List.of(Kind.MISCONFIGURED, Kind.MISCONFIGURED, "two"));
        second.lost("one", "a test lost it");
        assertThat(second.awaitKey(LONG)).isEqualTo("two");
        assertThat(asked).as("a fresh process would find the same").isEmpty();
    }

    @Test
    void a_key_that_is_away_at_the_start_is_brought_back_by_itself_and_a_fresh_process_is_asked_for_meanwhile()
            throws InterruptedException {
        recovery.start();
        assertThat(asked.poll(10, TimeUnit.SECONDS)).isNotNull();
        assertThatThrownBy(recovery::key).hasMessageContaining("a test wants AWAY");
        source.opens.add("one");
        await(() -> state() == KeyState.READY);
        assertThat(recovery.key()).isEqualTo("one");
    }

    @Test
    void no_fresh_process_sends_the_pin_while_the_answer_to_it_is_awaited() throws InterruptedException {
        source.awaitsAnswer = true;
        recovery.start();
        await(() -> source.calls.size() > 4); // two calls a try at most: one has failed and another is under way
        assertThat(asked).isEmpty();
        source.awaitsAnswer = false;
        assertThat(asked.poll(10, TimeUnit.SECONDS)).isNotNull();
        recovery.close();
    }

    @Test
    void whatever_fails_while_a_fresh_process_is_asked_for_ends_no_healing() {
        BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>(
                List.of(new OutOfMemoryError("a test has no more threads"), new IllegalStateException("a test fails")));
        KeyRecovery<String> one = new KeyRecovery<>(new KeyId("ef".repeat(16)), source, away -> {
            Throwable failure = failures.poll();
            if (failure instanceof Error error) {
                throw error;
            } else if (failure instanceof RuntimeException exception) {
                throw exception;
            }
        });
        one.start();
        await(failures::isEmpty);
        source.opens.add("one");
        await(() -> one.status(0, 0).state() == KeyState.READY);
    }

    @Test
    void a_healing_that_no_thread_could_be_started_for_begins_when_somebody_asks_for_the_key_or_how_it_is() {
        AtomicInteger refusals = new AtomicInteger(2);
        KeyRecovery<String> one = new KeyRecovery<>(
                new KeyId("ef".repeat(16)),
                source,
                asked::add,
                healing -> {
                    if (refusals.getAndDecrement() > 0) {
                        throw new OutOfMemoryError("a test has no more threads");
                    }
                    healing.run();
                },
                System::nanoTime);
        source.opens.add("one");
        one.start();
        source.opens.add("two");
        one.lost("one", "a test lost it");
        assertThat(refusals).as("threads that are still refused").hasValue(1);
        assertThatThrownBy(one::key).hasMessageContaining("a test lost it");
        assertThat(one.status(0, 0).state()).isEqualTo(KeyState.READY);
        assertThat(one.key()).isEqualTo("two");
        source.opens.add("three");
        one.lost("two", "a test lost it again");
        assertThat(one.key()).as("healed by a thread of its own").isEqualTo("three");
    }

    @Test
    void a_closed_key_is_retired_and_brought_back_no_more() {
        source.opens.add("one");
        recovery.start();
        recovery.close();
        recovery.lost("one", "late");
        assertThat(source.calls).containsExactly("open", "retire one");
        assertThatThrownBy(recovery::key).hasMessageContaining("closed");
    }

    @Test
    void a_lost_key_is_retired_although_all_is_closed_before_it_could_be_brought_back() {
        source.opens.add("one");
        recovery.start();
        source.hangs = Optional.of("2 calls hang");
        recovery.lost("one", "a test lost it");
        await(() -> state() == KeyState.HUNG);
        recovery.close();
        await(() -> source.calls.contains("retire one"));
        assertThat(source.calls).containsExactly("open", "retire one");
    }
}
