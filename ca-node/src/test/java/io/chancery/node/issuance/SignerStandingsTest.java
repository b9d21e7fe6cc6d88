package io.chancery.node.issuance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cluster.bus.NodeId;
import io.chancery.core.certificate.KeyId;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** Which signer is asked first. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SignerStandingsTest {
    private static final KeyId KEY = new KeyId("0".repeat(32));
    private static final NodeId SELF = new NodeId("n1");
    private static final NodeId S1 = new NodeId("s1");
    private static final NodeId S2 = new NodeId("s2");
    private static final NodeId S3 = new NodeId("s3");

    private long now = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(3); // it may overflow at any moment
    private final Random random = new Random(1);
    private final SignerStandings standings = new SignerStandings(SELF, () -> now, below -> random.nextInt(below));

    private List<NodeId> order(NodeId... nodes) {
        return standings.order(KEY, Set.of(nodes));
    }

    private void pass(long seconds) {
        now += TimeUnit.SECONDS.toNanos(seconds);
    }

    @Test
    void signers_that_have_signed_lately_share_what_there_is() {
        standings.succeeded(KEY, S1);
        pass(4);
        standings.succeeded(KEY, S2);
        standings.asking(KEY, S2);
        assertThat(order(S2, S1)).containsExactly(S1, S2);
        standings.asking(KEY, S1);
        standings.asking(KEY, S1);
        assertThat(order(S2, S1)).containsExactly(S2, S1);
    }

    @Test
    void with_nothing_under_way_they_take_turns() {
        standings.succeeded(KEY, S1);
        standings.succeeded(KEY, S2);
        NodeId first = order(S1, S2).get(0);
        standings.asking(KEY, first);
        standings.asked(KEY, first);
        standings.succeeded(KEY, first);
        assertThat(order(S1, S2).get(0)).isNotEqualTo(first);
    }

    @Test
    void its_own_is_first_whatever_it_has_to_do() {
        standings.succeeded(KEY, S1);
        standings.asking(KEY, SELF);
        assertThat(order(S1, SELF)).containsExactly(SELF, S1);
    }

    @Test
    void one_that_has_not_succeeded_for_long_comes_after_those_that_have() {
        standings.succeeded(KEY, S1);
        pass(11);
        standings.succeeded(KEY, S2);
        standings.asking(KEY, S2);
        assertThat(order(S1, S3, S2)).containsExactly(S2, S1, S3);
    }

    @Test
    void one_that_let_us_wait_is_passed_over_and_then_comes_last_until_it_has_succeeded() {
        standings.succeeded(KEY, S1);
        standings.silent(KEY, S1);
        assertThat(order(S1, S2)).containsExactly(S2);
        pass(4);
        assertThat(order(S1, S2)).containsExactly(S2);
        pass(2);
        standings.succeeded(KEY, S2);
        standings.asking(KEY, S2);
        assertThat(order(S1, S2)).containsExactly(S2, S1);
        standings.succeeded(KEY, S1);
        assertThat(order(S1, S2)).containsExactly(S1, S2);
    }

    @Test
    void one_that_let_a_probe_wait_is_passed_over_until_it_has_succeeded() {
        standings.silentToProbe(KEY, S1);
        assertThat(order(S1, S2)).containsExactly(S2);
        pass(2);
        standings.succeeded(KEY, S1);
        assertThat(order(S1, S2)).containsExactly(S1, S2);
        standings.silentToProbe(KEY, S1);
        pass(6);
        assertThat(order(S1)).containsExactly(S1);
    }

    @Test
    void a_probe_neither_shortens_nor_ends_that_one_is_passed_over_for_a_request() {
        standings.silent(KEY, S1);
        pass(4);
        standings.silentToProbe(KEY, S1);
        standings.succeeded(KEY, S1);
        assertThat(order(S1)).isEmpty();
        pass(2);
        assertThat(order(S1)).containsExactly(S1);
    }

    @Test
    void one_that_says_that_it_cannot_sign_comes_last() {
        standings.succeeded(KEY, S1);
        standings.succeeded(KEY, S2);
        standings.asking(KEY, S2);
        standings.failed(KEY, S1);
        assertThat(order(S1, S2)).containsExactly(S2, S1);
    }

    @Test
    void another_key_of_the_same_node_stands_for_itself() {
        standings.silent(new KeyId("1".repeat(32)), S1);
        assertThat(order(S1)).containsExactly(S1);
    }

    @Test
    void what_is_no_signer_any_more_is_forgotten_with_what_it_had_to_do() {
        standings.silent(KEY, S1);
        standings.asking(KEY, S1);
        assertThat(standings.toProbe(KEY, Set.of(S2))).containsExactly(S2);
        standings.asked(KEY, S1);
        assertThat(order(S1)).containsExactly(S1);
    }

    private static Set<NodeId> strangers(int many) {
        Set<NodeId> nodes = new HashSet<>();
        for (int i = 0; i < many; i++) {
            nodes.add(new NodeId("stranger-" + i));
        }
        return nodes;
    }

    @Test
    void of_too_many_names_its_own_and_those_that_have_succeeded_are_asked_and_some_others() {
        standings.succeeded(KEY, S1);
        standings.succeeded(KEY, S2);
        standings.silent(KEY, S2);
        standings.failed(KEY, S3);
        Set<NodeId> all = strangers(1_000);
        all.addAll(List.of(SELF, S1, S2));
        assertThat(standings.toProbe(KEY, all))
                .hasSize(SignerStandings.MOST)
                .contains(SELF, S1, S2)
                .isSubsetOf(all);
        assertThat(standings.order(KEY, all))
                .hasSizeLessThanOrEqualTo(SignerStandings.MOST)
                .startsWith(SELF, S1)
                .doesNotContain(S2, S3);
    }

    @Test
    void a_signer_among_too_many_names_that_are_none_is_found_in_the_end() {
        Set<NodeId> all = strangers(200);
        all.add(S1);
        int looks = 0;
        while (!standings.toProbe(KEY, all).contains(S1)) {
            assertThat(++looks).isLessThan(200);
        }
        standings.succeeded(KEY, S1);
        assertThat(standings.order(KEY, all)).startsWith(S1);
        assertThat(standings.toProbe(KEY, all)).contains(S1);
    }

    @Test
    void however_many_have_succeeded_there_is_a_place_for_one_that_has_just_come() {
        Set<NodeId> all = strangers(100);
        all.forEach(node -> standings.succeeded(KEY, node));
        all.add(S1);
        int looks = 0;
        while (!standings.toProbe(KEY, all).contains(S1)) {
            assertThat(++looks).isLessThan(200);
        }
    }

    @Test
    void before_any_was_asked_some_of_too_many_names_are_taken() {
        assertThat(standings.order(KEY, strangers(100))).hasSize(SignerStandings.MOST);
    }
}
