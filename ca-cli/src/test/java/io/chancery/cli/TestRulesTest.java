package io.chancery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.testing.TestRules;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TestRulesTest {
    @Test
    void no_test_of_this_module_sleeps_or_waits_without_a_test_context_or_makes_a_Vertx_without_limits() {
        assertThat(TestRules.brokenBesides(TestRulesTest.class)).isEmpty();
    }
}
