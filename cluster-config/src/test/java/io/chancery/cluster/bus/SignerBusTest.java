package io.chancery.cluster.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.certificate.KeyId;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class SignerBusTest {
    /** So that the row of a request may be voided, and its token is free again. */
    @Test
    void what_fails_before_it_leaves_this_process_was_surely_not_delivered(Vertx vertx, VertxTestContext test) {
        NodeId caller = new NodeId("n1");
        SignerMessage withoutCodec = new SignerProbe(new KeyId("0".repeat(32)), 1, caller);
        vertx.eventBus().<SignerMessage>localConsumer("signer", message -> message.fail(1, "it has left"));
        SignerBus.request(vertx.eventBus(), "signer", withoutCodec, 1_000, true)
                .onComplete(test.succeeding(outcome -> test.verify(() -> {
                    assertThat(outcome).isInstanceOf(SignerBus.NotDelivered.class);
                    test.completeNow();
                })));
    }
}
