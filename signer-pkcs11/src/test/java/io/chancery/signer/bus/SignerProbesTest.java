package io.chancery.signer.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cluster.bus.SignReply;
import io.chancery.core.der.Sha256;
import io.chancery.signer.key.KeyState;
import io.chancery.signer.key.KeyStatus;
import io.chancery.signer.key.LastSignature;
import io.chancery.testing.Answers;
import io.chancery.testing.StrictVertx;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** When a signer that nobody asks has its key sign something, to see whether it does. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SignerProbesTest {
    private final Vertx vertx = StrictVertx.make();
    private final Context context = vertx.getOrCreateContext();
    private final HsmThreads threads = new HsmThreads("test", 1, 4);
    private final FakeKey key = new FakeKey();
    private final SignerProbes probes =
            new SignerProbes(context, threads, key.issuer, () -> Sha256.digest(new byte[] {1}));

    @AfterEach
    void close() throws Exception {
        threads.close();
        Answers.of(vertx.close());
    }

    /** On the probes' context. */
    private <T> T onContext(Supplier<Future<T>> work) throws Exception {
        Promise<T> done = Promise.promise();
        context.runOnContext(now -> work.get().onComplete(done));
        return Answers.of(done.future());
    }

    /** One look, and whatever it leads to: the one thread takes what comes in its order. */
    private void look() throws Exception {
        boolean unused = onContext(() -> {
            probes.look(key);
            return threads.run(context, () -> true);
        });
        unused = onContext(() -> threads.run(context, () -> true));
    }

    @Test
    void a_key_whose_token_answers_costs_no_signature() throws Exception {
        look();
        look();
        assertThat(key.looks).hasValue(2);
        assertThat(key.signatures).hasValue(0);
    }

    @Test
    void a_key_that_seems_to_be_gone_has_to_sign_at_once_though_it_has_signed_lately() throws Exception {
        SignReply first = onContext(() -> probes.ask(key, 0));
        key.answers = false;
        look();
        assertThat(first).isEqualTo(probes.state(true, ""));
        assertThat(key.signatures).hasValue(2);
    }

    @Test
    void a_key_that_signs_and_goes_on_seeming_to_be_gone_has_to_sign_once_for_that() throws Exception {
        key.answers = false;
        for (int i = 0; i < 5; i++) {
            look();
        }
        assertThat(key.looks).hasValue(5);
        assertThat(key.signatures).hasValue(1);
    }

    @Test
    void a_key_that_came_back_and_seems_to_be_gone_again_has_to_sign_at_once() throws Exception {
        key.answers = false;
        look();
        key.status = new KeyStatus(KeyState.READY, "", 1, 1, 0, 0);
        look();
        assertThat(key.signatures).as("probes, one for each loss").hasValue(2);
        look();
        assertThat(key.signatures)
                .as("it has signed, and only seems to be gone")
                .hasValue(2);
    }

    @Test
    void what_came_of_the_last_signature_is_told_with_its_age_and_reason() throws Exception {
        assertThat(probes.last(key.status())).as("the opening proved it").isEmpty();
        SignReply unused = onContext(() -> probes.ask(key, 0));
        assertThat(probes.last(key.status())).get().satisfies(last -> {
            assertThat(last.verified()).isTrue();
            assertThat(last.age()).isBetween(Duration.ZERO, Duration.ofSeconds(30));
            assertThat(last.why()).isEmpty();
        });

        key.errs.set(true);
        unused = onContext(() -> probes.ask(key, 0));
        assertThat(probes.last(key.status())).get().satisfies(last -> {
            assertThat(last.verified()).isFalse();
            assertThat(last.why()).contains("does not verify");
        });
        probes.signed(0);
        assertThat(probes.last(key.status())).get().matches(LastSignature::verified);
    }

    @Test
    void a_probe_that_failed_says_nothing_of_the_key_once_it_was_brought_back() throws Exception {
        key.errs.set(true);
        nothingIsToldOnceItWasBroughtBack();
    }

    /** Its age would count the time without the key. */
    @Test
    void a_signature_from_before_the_key_was_lost_says_nothing_of_it_once_it_was_brought_back() throws Exception {
        nothingIsToldOnceItWasBroughtBack();
    }

    private void nothingIsToldOnceItWasBroughtBack() throws Exception {
        SignReply unused = onContext(() -> probes.ask(key, 0));
        assertThat(probes.last(key.status())).isPresent();
        key.status = new KeyStatus(KeyState.READY, "", 1, 1, 0, 0);
        assertThat(probes.last(key.status())).isEmpty();
    }
}
