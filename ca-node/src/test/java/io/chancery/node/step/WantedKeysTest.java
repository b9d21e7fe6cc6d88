package io.chancery.node.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.oidc.OpenIdEndpoint;
import io.chancery.core.oidc.WantedKey;
import io.chancery.node.issuance.Deadline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WantedKeysTest {
    private static final Optional<WantedKey> KEY =
            Optional.of(new WantedKey(OpenIdEndpoint.of("https://idp.example", ""), "k"));

    private static Throwable failure(Future<Void> answer, Duration time) throws Exception {
        return new WantedKeys(key -> answer)
                .ready(KEY, Deadline.in(time))
                .transform(done -> Future.succeededFuture(done.cause()))
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }

    @Test
    void a_request_waits_for_a_key_no_longer_than_its_deadline() throws Exception {
        Promise<Void> never = Promise.promise();
        assertThat(failure(never.future(), Duration.ofMillis(20)))
                .isInstanceOfSatisfying(
                        CaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED));
    }

    @Test
    void what_its_provider_s_watch_says_is_passed_on() throws Exception {
        CaException many = CaException.hidden(ErrorCode.OVERLOADED, "too many");
        assertThat(failure(Future.failedFuture(many), Duration.ofMinutes(1))).isSameAs(many);
        assertThat(failure(Future.succeededFuture(), Duration.ofMinutes(1))).isNull();
    }

    @Test
    void nobody_is_asked_for_a_token_that_wants_no_key() {
        WantedKeys keys = new WantedKeys(key -> Future.failedFuture("asked"));
        assertThat(keys.ready(Optional.empty(), Deadline.in(Duration.ofMinutes(1)))
                        .succeeded())
                .isTrue();
    }
}
