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
}
