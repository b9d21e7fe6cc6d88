package io.chancery.node.oidc;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.oidc.OpenIdEndpoint;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WatchedProviderTest {
    private final ScriptedQuestion question = new ScriptedQuestion();
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5); // System.nanoTime may wrap
    private final WatchedProvider provider =
            new WatchedProvider(OpenIdEndpoint.of("https://idp.example", ""), question, nanos::get, bound -> 0);

    private void pass(Duration time) {
        long unused = nanos.addAndGet(time.toNanos());
    }

    private Future<Void> tick() {
        return provider.askIfDue();
    }

    private boolean knows(String keyId) {
        return provider.state()
                .provider()
                .map(known -> !known.keys().named(keyId).isEmpty())
                .orElse(false);
    }

    private void known(String keyId) throws Exception {
        Future<Void> asked = tick();
        question.answers(keyId);
        assertThat(asked.succeeded()).isTrue();
    }

    @Test
    void keys_are_asked_for_again_when_they_are_no_longer_fresh_and_not_before() throws Exception {
        known("a");
        pass(Duration.ofMinutes(59));
        assertThat(tick().succeeded()).isTrue();
        assertThat(question.asked()).isEqualTo(1);
        pass(Duration.ofMinutes(1));
        Future<Void> second = tick();
        assertThat(question.asked()).isEqualTo(2);
        assertThat(second.isComplete()).isFalse();
        question.answers("b");
        assertThat(knows("b")).isTrue();
        assertThat(knows("a")).isFalse();
    }

    @Test
    void a_provider_that_does_not_answer_is_asked_again_ever_later_up_to_a_minute() {
        List<Long> pauses = new ArrayList<>();
        Future<Void> first = tick();
        for (int i = 0; i < 9; i++) {
            question.fails("away");
            long seconds = 0;
            for (int before = question.asked(); question.asked() == before; seconds++) {
                pass(Duration.ofSeconds(1));
                Future<Void> unused = tick();
            }
            pauses.add(seconds);
        }
        assertThat(first.succeeded()).isTrue();
        assertThat(pauses).containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L, 60L);
        assertThat(provider.state().provider()).isEmpty();
        assertThat(provider.state().reason()).isEqualTo("away");
    }

    @Test
    void a_question_that_throws_is_one_that_was_not_answered_and_is_asked_again() {
        AtomicInteger asked = new AtomicInteger();
        WatchedProvider broken = new WatchedProvider(
                OpenIdEndpoint.of("https://idp.example", ""),
                endpoint -> {
                    throw new IllegalStateException("broken " + asked.incrementAndGet());
                },
                nanos::get,
                bound -> 0);
        assertThat(broken.askIfDue().succeeded()).isTrue();
        assertThat(broken.state().reason()).isEqualTo("broken 1");
        assertThat(broken.away()).isTrue();
        pass(Duration.ofSeconds(1));
        assertThat(broken.askIfDue().succeeded()).isTrue();
        assertThat(broken.wanted("k").succeeded()).isTrue();
        assertThat(asked).hasValue(3);
    }

    @Test
    void a_provider_that_answers_late_is_known_from_then_on() throws Exception {
        Future<Void> first = tick();
        question.fails("away");
        assertThat(first.succeeded()).isTrue();
        pass(Duration.ofSeconds(1));
        known("a");
        assertThat(knows("a")).isTrue();
        assertThat(provider.away()).isFalse();
    }

    @Test
    void keys_go_on_being_believed_while_their_provider_is_away() throws Exception {
        known("a");
        pass(Duration.ofHours(1));
        Future<Void> second = tick();
        question.fails("away");
        assertThat(second.succeeded()).isTrue();
        assertThat(knows("a")).isTrue();
        assertThat(provider.away()).isTrue();
    }

    @Test
    void a_token_with_a_known_key_asks_nobody() throws Exception {
        known("a");
        pass(Duration.ofMinutes(1));
        assertThat(provider.wanted("a").succeeded()).isTrue();
        assertThat(question.asked()).isEqualTo(1);
    }

    @Test
    void a_token_with_an_unknown_key_waits_for_the_provider_and_others_wait_with_it() throws Exception {
        known("a");
        pass(Duration.ofMinutes(1));
        Future<Void> one = provider.wanted("b");
        Future<Void> other = provider.wanted("b");
        assertThat(question.asked()).isEqualTo(2);
        assertThat(one.isComplete()).isFalse();
        question.answers("b");
        assertThat(one.succeeded()).isTrue();
        assertThat(other.succeeded()).isTrue();
        assertThat(knows("b")).isTrue();
    }

    @Test
    void a_flood_of_unknown_keys_is_one_question_in_ten_seconds() throws Exception {
        known("a");
        for (int i = 0; i < 100; i++) {
            for (int j = 0; j < 20; j++) {
                Future<Void> waiting = provider.wanted("made-up-" + i + "-" + j);
                if (!waiting.isComplete()) {
                    question.answers("a");
                }
                assertThat(waiting.succeeded()).isTrue();
            }
            pass(Duration.ofMillis(500));
        }
        assertThat(question.asked()).isEqualTo(6); // the first, and one in each ten of fifty seconds
    }

    @Test
    void no_more_than_so_many_wait_for_one_answer() throws Exception {
        known("a");
        pass(Duration.ofMinutes(1));
        List<Future<Void>> waiting = new ArrayList<>();
        for (int i = 0; i < WatchedProvider.MOST_WAITING; i++) {
            waiting.add(provider.wanted("b"));
        }
        Future<Void> oneMore = provider.wanted("b");
        assertThat(oneMore.cause()).isInstanceOf(CaException.class);
        assertThat(((CaException) oneMore.cause()).code()).isEqualTo(ErrorCode.OVERLOADED);
        question.answers("b");
        assertThat(waiting).allMatch(Future::succeeded);
        assertThat(provider.wanted("b").succeeded()).isTrue();
    }

    @Test
    void a_token_of_a_provider_that_was_away_asks_it_at_once() throws Exception {
        Future<Void> first = tick();
        question.fails("away");
        assertThat(first.succeeded()).isTrue();
        Future<Void> waiting = provider.wanted("a");
        question.answers("a");
        assertThat(waiting.succeeded()).isTrue();
        assertThat(knows("a")).isTrue();
    }
}
