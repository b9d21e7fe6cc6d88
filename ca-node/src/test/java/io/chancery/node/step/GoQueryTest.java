package io.chancery.node.step;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** What Go's net/url makes of the same queries, tried there. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class GoQueryTest {
    @Test
    void the_first_value_of_a_name_counts() {
        assertThat(GoQuery.first("limit=3&limit=5", "limit")).contains("3");
        assertThat(GoQuery.first("a=b&limit=%2B5+x", "limit")).contains("+5 x");
        assertThat(GoQuery.first("%6Cimit=3", "limit")).contains("3");
    }

    @Test
    void a_name_without_a_value_has_an_empty_one() {
        assertThat(GoQuery.first("limit", "limit")).contains("");
        assertThat(GoQuery.first("limit=", "limit")).contains("");
    }

    @Test
    void a_name_in_another_case_is_another_name() {
        assertThat(GoQuery.first("LIMIT=1", "limit")).isEmpty();
    }

    @Test
    void a_pair_that_cannot_be_read_is_passed_over() {
        assertThat(GoQuery.first("limit=%zz&limit=4", "limit")).contains("4");
        assertThat(GoQuery.first("limit=1;cursor=2", "limit")).isEmpty();
        assertThat(GoQuery.first(null, "limit")).isEmpty();
        assertThat(GoQuery.first("", "limit")).isEmpty();
    }
}
