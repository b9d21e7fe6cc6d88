package io.chancery.signer.key;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.chancery.core.certificate.KeyId;
import io.chancery.signer.key.SigningKeyException.Kind;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** How many lines the loss of a key costs. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class KeyLogTest {
    private static final KeyId KEY = new KeyId("1f".repeat(16));

    private final AtomicLong nanos = new AtomicLong();
    private final Logger logger = (Logger) LoggerFactory.getLogger(KeyRecovery.class);
    private final ListAppender<ILoggingEvent> told = new ListAppender<>();

    @BeforeEach
    void listen() {
        told.start();
        logger.addAppender(told);
    }

    @AfterEach
    void end() {
        boolean unused = logger.detachAppender(told);
    }

    /** Of this test's key; others may still be healing. */
    private List<String> lines() {
        return List.copyOf(told.list).stream()
                .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                .filter(event -> event.getKeyValuePairs() != null
                        && event.getKeyValuePairs().stream().anyMatch(pair -> KEY.equals(pair.value)))
                .map(ILoggingEvent::getMessage)
                .toList();
    }

    @Test
    void each_change_of_state_is_told_and_causes_that_change_only_once_a_minute() {
        KeyLog log = new KeyLog(KEY, nanos::get);
        log.lost("device error");
        for (String cause : List.of("no token", "device error", "no token")) {
            log.stillAway(KeyState.HEALING, KeyState.HEALING, cause);
        }
        assertThat(lines()).containsExactly("signing key lost; healing begins");
        log.stillAway(KeyState.HEALING, KeyState.HUNG, "2 calls hang");
        log.stillAway(KeyState.HUNG, KeyState.HUNG, "3 calls hang");
        assertThat(lines()).hasSize(2).last().isEqualTo("signing key is still away");
        nanos.addAndGet(Duration.ofMinutes(1).toNanos());
        log.stillAway(KeyState.HUNG, KeyState.HUNG, "2 calls hang");
        assertThat(lines()).as("that one was told").hasSize(2);
        log.stillAway(KeyState.HUNG, KeyState.HUNG, "3 calls hang");
        log.stillAway(KeyState.HUNG, KeyState.HUNG, "4 calls hang");
        assertThat(lines()).hasSize(3);
    }

    @Test
    void a_key_that_is_tried_in_vain_for_other_reasons_each_time_costs_one_warning() {
        Iterator<Object> opens = List.<Object>of(
                        "one",
                        SigningKeyException.away("no token"),
                        SigningKeyException.away("device error"),
                        SigningKeyException.away("no token"),
                        "two")
                .iterator();
        // On this thread: when the loss has been told of, all tries are over.
        KeyRecovery<String> recovery =
                new KeyRecovery<>(KEY, new Source(opens), FreshProcess.NONE, Runnable::run, nanos::get);
        recovery.start();
        recovery.lost("one", "the session has ended");
        assertThat(recovery.key()).isEqualTo("two");
        assertThat(lines()).containsExactly("signing key lost; healing begins");
    }

    /** Gives what is next. */
    private record Source(Iterator<Object> opens) implements KeyRecovery.Source<String> {
        @Override
        public String open() {
            Object next = opens.next();
            if (next instanceof SigningKeyException failure) {
                assertThat(failure.kind()).isEqualTo(Kind.AWAY);
                throw failure;
            }
            return (String) next;
        }

        @Override
        public void retire(String key) {}

        @Override
        public boolean startAgain(boolean evenUnderOthers) {
            return false;
        }

        @Override
        public boolean awaitsAnswer() {
            return false;
        }

        @Override
        public Optional<String> hangs() {
            return Optional.empty();
        }
    }
}
