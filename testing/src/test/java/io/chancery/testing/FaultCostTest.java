package io.chancery.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class FaultCostTest {
    private final FaultCost cost = new FaultCost("logged out, behind p11-kit");

    @Test
    void a_line_has_the_fault_its_rounds_both_times_and_what_became_of_requests() {
        cost.round(9_000_000, 70_000_000);
        cost.round(1_000_000, 50_999_999);
        cost.round(2_000_000, 60_000_000);
        cost.requests(4, 1);
        cost.requests(0, 2);
        assertThat(cost.line())
                .isEqualTo("heal: logged out, behind p11-kit: 3 rounds, detected after 2 / 9 ms,"
                        + " recovered after 60 / 70 ms (median / most), failed 4, retried 3");
    }

    @Test
    void without_a_round_there_are_no_times() {
        assertThat(cost.line()).contains("0 rounds, detected after - / - ms, recovered after - / - ms");
    }

    @Test
    void a_colon_ends_the_fault_s_name_so_it_has_none() {
        assertThatThrownBy(() -> new FaultCost("a: b")).hasMessageContaining("a: b");
    }
}
