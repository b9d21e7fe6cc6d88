package io.chancery.node.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.oidc.OpenIdEndpoint;
import io.chancery.core.oidc.WantedKey;
import io.chancery.node.issuance.Deadline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.junit5.Checkpoint;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class WantedKeysTest {
    private static final Optional<WantedKey> KEY =
            Optional.of(new WantedKey(OpenIdEndpoint.of("https://idp.example", ""), "k"));

    private static Future<Void> ready(Future<Void> answer, Duration time) {
        return new WantedKeys(key -> answer).ready(KEY, Deadline.in(time));
    }

    @Test
    void a_request_waits_for_a_key_no_longer_than_its_deadline(VertxTestContext test) {
        Promise<Void> never = Promise.promise();
        ready(never.future(), Duration.ofMillis(20))
                .onComplete(test.failing(failure -> test.verify(() -> {
                    assertThat(failure)
                            .isInstanceOfSatisfying(
                                    CaException.class,
                                    e -> assertThat(e.code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED));
                    test.completeNow();
                })));
    }

    @Test
    void what_its_provider_s_watch_says_is_passed_on(VertxTestContext test) {
        CaException many = CaException.hidden(ErrorCode.OVERLOADED, "too many");
        Checkpoint refused = test.checkpoint();
        ready(Future.failedFuture(many), Duration.ofMinutes(1))
                .onComplete(test.failing(failure -> test.verify(() -> {
                    assertThat(failure).isSameAs(many);
                    refused.flag();
                })));
        Checkpoint let = test.checkpoint();
        ready(Future.succeededFuture(), Duration.ofMinutes(1)).onComplete(test.succeeding(done -> let.flag()));
    }

    @Test
    void nobody_is_asked_for_a_token_that_wants_no_key() {
        WantedKeys keys = new WantedKeys(key -> Future.failedFuture("asked"));
        assertThat(keys.ready(Optional.empty(), Deadline.in(Duration.ofMinutes(1)))
                        .succeeded())
                .isTrue();
    }
}
