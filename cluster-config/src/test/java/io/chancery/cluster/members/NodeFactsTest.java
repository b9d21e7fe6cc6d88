package io.chancery.cluster.members;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cluster.bus.NodeId;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.der.Sha256;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class NodeFactsTest {
    private static final Sha256 HASH = Sha256.digest();
    private static final NodeFacts FACTS = new NodeFacts(
            new NodeId("n1"),
            new ClusterIdentity(HASH, HASH, Set.of(HASH, Sha256.digest(new byte[] {1}))),
            "1.2.3",
            "all",
            List.of(new KeyId("0".repeat(32)), new KeyId("1".repeat(32))),
            new NodeFacts.Files(HASH, Sha256.digest(new byte[] {2})));

    @Test
    void what_a_node_says_is_read_again() {
        assertThat(NodeFacts.parse(FACTS.texts())).contains(FACTS);
        NodeFacts little = new NodeFacts(
                new NodeId("n2"), new ClusterIdentity(HASH, HASH, Set.of()), "1", "api", List.of(), FACTS.files());
        assertThat(NodeFacts.parse(little.texts())).contains(little);
    }

    @ParameterizedTest
    @CsvSource({
        "node, N1/../x",
        "node, ''",
        "roots, 00",
        "roots, not-hex",
        "busIssuer, ''",
        "busTrust, 'aa,'",
        "version, 'two words'",
        "version, ''",
        "role, '\u001b[2J'",
        "keys, zz",
        "keys, ','",
        "caJson, 0"
    })
    void what_is_not_in_form_is_no_fact_and_no_error(String name, String text) {
        Map<String, Object> texts = new HashMap<>(FACTS.texts());
        texts.put("chancery." + name, text);
        assertThat(NodeFacts.parse(texts)).isEmpty();
    }

    @Test
    void what_is_missing_too_long_or_no_text_is_no_fact() {
        for (String name : FACTS.texts().keySet()) {
            Map<String, Object> texts = new HashMap<>(FACTS.texts());
            texts.remove(name);
            assertThat(NodeFacts.parse(texts)).as(name).isEmpty();
            texts.put(name, 42);
            assertThat(NodeFacts.parse(texts)).as(name).isEmpty();
            texts.put(name, "a".repeat(10_000));
            assertThat(NodeFacts.parse(texts)).as(name).isEmpty();
        }
        Map<String, Object> many = new HashMap<>(FACTS.texts());
        many.put("chancery.keys", String.join(",", java.util.Collections.nCopies(17, "0".repeat(32))));
        assertThat(NodeFacts.parse(many)).isEmpty();
    }

    @Test
    void a_refusal_names_the_node_that_was_there() {
        NodeFacts stranger = new NodeFacts(
                new NodeId("n9"), new ClusterIdentity(HASH, HASH, Set.of()), "1", "api", List.of(), FACTS.files());
        assertThat(FACTS.refusedBy(stranger)).get().asString().contains("node n9");
        assertThat(FACTS.refusedBy(FACTS)).isEmpty();
    }
}
