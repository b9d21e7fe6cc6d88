package io.chancery.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** What is printed for people of a node's answer. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ClusterStatusTest {
    @Test
    void of_a_store_that_answers_its_epoch_is_told_and_how_long_it_took() throws IOException {
        assertThat(ClusterStatus.table("{\"members\":[],\"epoch\":3,\"storeMillis\":4.0}"))
                .contains("the store's epoch: 3, last answer within 4.0 ms\n");
    }

    @Test
    void of_a_store_that_does_not_answer_no_old_figures_are_told() throws IOException {
        assertThat(ClusterStatus.table("{\"members\":[],\"epoch\":null,\"storeMillis\":null}"))
                .contains("the store's epoch: not known: the store does not answer this node\n")
                .doesNotContain("last answer");
    }

    private static String member(String facts, String hashes) {
        String[] hash = hashes.split(" ");
        return "{" + facts + ",\"roots\":\"" + hash[0].repeat(64) + "\",\"caJson\":\"" + hash[1].repeat(64)
                + "\",\"chanceryJson\":\"" + hash[2].repeat(64) + "\"}";
    }

    @Test
    void each_node_is_a_line_with_every_fact_in_its_own_column() throws IOException {
        String keys = "\"signs\":[\"" + "1".repeat(32) + "\",\"" + "2".repeat(32) + "\"]";
        String members = String.join(
                ",",
                member(
                        "\"node\":\"n1\",\"self\":true,\"role\":\"api\",\"version\":\"1.2.3\",\"signs\":[],"
                                + "\"reached\":true,\"pingMillis\":null",
                        "a b c"),
                member(
                        "\"node\":\"n2\",\"self\":false,\"role\":\"signer\",\"version\":\"1.2.4\"," + keys
                                + ",\"reached\":true,\"pingMillis\":1.54",
                        "a d e"),
                member(
                        "\"node\":\"n3\",\"self\":false,\"role\":\"all\",\"version\":\"1.2.3\",\"signs\":[],"
                                + "\"reached\":false,\"pingMillis\":null",
                        "a b f"));
        assertThat(ClusterStatus.table("{\"members\":[" + members + "],\"storeJobs\":\"n3\",\"lists\":[\"n1\",\"n2\"],"
                        + "\"epoch\":7,\"storeMillis\":2.5,\"deaf\":\"nobody reaches this node\"}"))
                .isEqualTo("""
                        NODE  ROLE    VERSION  SIGNS WITH                 PING    ROOTS         CA.JSON       CHANCERY.JSON
                        n1    api     1.2.3    -                          -       aaaaaaaaaaaa  bbbbbbbbbbbb  cccccccccccc   this node
                        n2    signer  1.2.4    111111111111,222222222222  1.5 ms  aaaaaaaaaaaa  dddddddddddd  eeeeeeeeeeee
                        n3    all     1.2.3    -                          -       aaaaaaaaaaaa  bbbbbbbbbbbb  ffffffffffff   does not answer on the bus
                        the store's jobs run on: n3
                        lists of revoked certificates are made by: n1, n2
                        the store's epoch: 7, last answer within 2.5 ms
                        attention: nobody reaches this node
                        """);
    }

    @Test
    void what_is_not_known_is_said_to_be_so_and_a_signer_has_no_store_that_could_be_away() throws IOException {
        String signer = member("\"node\":\"s1\",\"self\":true,\"role\":\"signer\",\"version\":\"1.2.3\"", "a b c");
        assertThat(ClusterStatus.table("{\"members\":[" + signer + "],\"lists\":[]}"))
                .contains("the store's jobs run on: not known\n")
                .contains("lists of revoked certificates are made by: not known\n")
                .contains("the store's epoch: not known: this node is a signer and has no store\n")
                .doesNotContain("attention");
    }
}
