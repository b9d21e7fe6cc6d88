package io.chancery.cli.start;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.der.Sha256;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class OwnTokensTest {
    private static final OwnTokens.Place ONE = place("one");
    private static final OwnTokens.Place OTHER = place("other");

    private static OwnTokens.Place place(String token) {
        return new OwnTokens.Place(
                Sha256.digest(token.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                Pkcs11Uri.parse("pkcs11:token=" + token),
                4);
    }

    @Test
    void each_token_is_told_and_one_that_cannot_be_looked_at_says_why(Vertx vertx, VertxTestContext test) {
        OwnTokens tokens = new OwnTokens(vertx, place -> {
            if (place.equals(OTHER)) {
                throw HsmException.misconfigured("it is away");
            }
            return new JsonObject().put("label", "one");
        });
        vertx.runOnContext(start -> tokens.look(List.of(ONE, OTHER))
                .onComplete(test.succeeding(found -> test.verify(() -> {
                    assertThat(found.get(ONE.certificate())).isEqualTo(new JsonObject().put("label", "one"));
                    assertThat(found.get(OTHER.certificate())).isEqualTo(new JsonObject().put("why", "it is away"));
                    test.completeNow();
                }))));
    }

    @Test
    void without_a_token_nothing_is_looked_at(Vertx vertx, VertxTestContext test) {
        OwnTokens tokens = new OwnTokens(vertx, place -> new JsonObject());
        vertx.runOnContext(start -> tokens.look(List.of())
                .onComplete(test.succeeding(found -> test.verify(() -> {
                    assertThat(found).isEmpty();
                    test.completeNow();
                }))));
    }

    @Test
    void a_token_that_does_not_answer_holds_up_nobody_and_is_asked_once(Vertx vertx, VertxTestContext test) {
        CountDownLatch answers = new CountDownLatch(1);
        AtomicInteger asked = new AtomicInteger();
        OwnTokens tokens = new OwnTokens(vertx, place -> {
            int unused = asked.incrementAndGet();
            try {
                answers.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return new JsonObject();
        });
        vertx.runOnContext(start -> tokens.look(List.of(ONE))
                .compose(first -> {
                    test.verify(() -> assertThat(first.get(ONE.certificate()).getString("why"))
                            .startsWith("no answer within"));
                    return tokens.look(List.of(ONE));
                })
                .onComplete(test.succeeding(second -> test.verify(() -> {
                    answers.countDown();
                    assertThat(second.get(ONE.certificate()).getString("why")).contains("has not ended yet");
                    assertThat(asked).hasValue(1);
                    test.completeNow();
                }))));
    }
}
