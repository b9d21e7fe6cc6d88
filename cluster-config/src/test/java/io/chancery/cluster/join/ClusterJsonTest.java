package io.chancery.cluster.join;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cluster.bus.BusAddress;
import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.checkup.CheckUps;
import io.chancery.cluster.members.ClusterIdentity;
import io.chancery.cluster.members.NoOtherMembers;
import io.chancery.cluster.members.NodeFacts;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.der.Sha256;
import io.chancery.testing.Answers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What nodes tell each other as JSON. What is in these texts stays in them under the same names: nodes of neighbouring
 * versions must understand each other. More may come to it, and is passed over by who does not know it.
 */
@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class ClusterJsonTest {
    private static final NodeFacts FACTS = new NodeFacts(
            new NodeId("n1"),
            new ClusterIdentity(hash("roots"), hash("bus"), Set.of(hash("bus"), hash("next bus"))),
            "1.2.3",
            "all",
            List.of(new KeyId("00112233445566778899aabbccddeeff"), new KeyId("f".repeat(32))),
            new NodeFacts.Files(hash("ca.json"), hash("chancery.json")));

    private static Sha256 hash(String text) {
        return Sha256.digest(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String golden(String name) throws IOException {
        try (InputStream file = ClusterJsonTest.class.getResourceAsStream("/wire/v1/" + name + ".json")) {
            return new String(Objects.requireNonNull(file, name).readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }

    /** Also the attributes with which a node comes into the grid, by the same names. */
    @Test
    void the_facts_of_a_node_have_their_golden_text_and_are_read_back() throws Exception {
        assertThat(CurrentFacts.json(FACTS).encodePrettily()).isEqualTo(golden("node-facts"));
        assertThat(CurrentFacts.read(golden("node-facts"), FACTS.node())).contains(FACTS);
    }

    @Test
    void facts_of_a_later_version_with_more_in_them_are_read() throws Exception {
        String more = new JsonObject(golden("node-facts"))
                .put("chancery.colour", "blue")
                .put("size", 7)
                .encode();
        assertThat(CurrentFacts.read(more, FACTS.node())).contains(FACTS);
    }

    @Test
    void the_question_how_a_node_is_has_its_golden_text() throws Exception {
        assertThat(HazelcastMembers.question(new NodeId("n1")).encodePrettily()).isEqualTo(golden("node-question"));
    }

    @Test
    void the_question_of_a_check_up_and_what_all_nodes_say_have_their_golden_texts(Vertx vertx) throws Exception {
        CompletableFuture<JsonObject> question = new CompletableFuture<>();
        vertx.eventBus().<JsonObject>consumer(BusAddress.checkUp(FACTS.node()), asked -> {
            boolean unused = question.complete(asked.body());
            asked.reply(new JsonObject().put("role", "all"));
        });
        CheckUps checkUps =
                new CheckUps(vertx.eventBus(), new NoOtherMembers(FACTS), () -> Instant.parse("2026-11-26T12:00:00Z"));
        JsonObject all = Answers.of(checkUps.ask());
        assertThat(question.getNow(new JsonObject().put("nobody", "asked")).encodePrettily())
                .isEqualTo(golden("check-up-question"));
        assertThat(all.encodePrettily()).isEqualTo(golden("check-ups"));
    }

    @Test
    void a_node_answers_whatever_a_later_version_asks_with(Vertx vertx) throws Exception {
        Void unused = Answers.of(CheckUps.answer(
                vertx.eventBus(), FACTS.node(), () -> Future.succeededFuture(new JsonObject().put("role", "all"))));
        JsonObject answer = Answers.of(vertx.eventBus()
                        .<JsonObject>request(BusAddress.checkUp(FACTS.node()), new JsonObject().put("all", true)))
                .body();
        assertThat(answer).isEqualTo(new JsonObject().put("role", "all"));
    }
}
