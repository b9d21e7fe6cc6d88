package io.chancery.cluster.checkup;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cluster.bus.BusAddress;
import io.chancery.cluster.bus.NodeId;
import io.chancery.testing.Answers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class CheckUpsTest {
    @Test
    void who_asks_a_node_that_cannot_say_how_it_is_learns_so_at_once(Vertx vertx) throws Exception {
        NodeId node = new NodeId("n1");
        Void unused = Answers.of(CheckUps.answer(
                vertx.eventBus(), node, () -> Future.failedFuture(new IllegalStateException("it is private why"))));
        Throwable failure = Answers.failureOf(vertx.eventBus().request(BusAddress.checkUp(node), new JsonObject()));
        assertThat(failure).isInstanceOfSatisfying(ReplyException.class, refused -> {
            assertThat(refused.failureType()).isEqualTo(ReplyFailure.RECIPIENT_FAILURE);
            assertThat(refused).hasMessage("no answer");
        });
    }
}
