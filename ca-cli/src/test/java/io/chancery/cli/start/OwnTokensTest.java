package io.chancery.cli.start;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class OwnTokensTest {
    private static OwnTokens.Place one;
    private static OwnTokens.Place other;

    @BeforeAll
    static void places(@TempDir Path folder) throws Exception {
        IssuerPlace issuers = new IssuerPlace(folder);
        one = place(issuers, "one");
        other = place(issuers, "other");
    }

    private static OwnTokens.Place place(IssuerPlace issuers, String name) throws Exception {
        return new OwnTokens.Place(
                IssuerCertificate.of(issuers.certificate(name, "Root")),
                Pkcs11Uri.parse("pkcs11:token=" + name),
                Optional.empty(),
                4,
                true);
    }

    @Test
    void each_token_is_told_and_one_that_cannot_be_looked_at_says_why(Vertx vertx, VertxTestContext test) {
        OwnTokens tokens = new OwnTokens(vertx, place -> {
            if (place.equals(other)) {
                throw HsmException.misconfigured("it is away");
            }
            return new JsonObject().put("label", "one");
        });
        vertx.runOnContext(start -> tokens.look(List.of(one, other))
                .onComplete(test.succeeding(found -> test.verify(() -> {
                    assertThat(found.get(one.certificate())).isEqualTo(new JsonObject().put("label", "one"));
                    assertThat(found.get(other.certificate())).isEqualTo(new JsonObject().put("why", "it is away"));
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
        vertx.runOnContext(start -> tokens.look(List.of(one))
                .compose(first -> {
                    test.verify(() -> assertThat(first.get(one.certificate()).getString("why"))
                            .startsWith("no answer within"));
                    return tokens.look(List.of(one));
                })
                .onComplete(test.succeeding(second -> test.verify(() -> {
                    answers.countDown();
                    assertThat(second.get(one.certificate()).getString("why")).contains("has not ended yet");
                    assertThat(asked).hasValue(1);
                    test.completeNow();
                }))));
    }
}
