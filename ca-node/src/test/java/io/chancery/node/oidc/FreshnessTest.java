package io.chancery.node.oidc;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class FreshnessTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "''; PT1H",
                "no-cache; PT1H",
                "max-age=7200; PT2H",
                "public, max-age=7200, must-revalidate; PT2H",
                "public, Max-Age = 7200; PT2H",
                "max-age=0; PT1M",
                "max-age=59; PT1M",
                "max-age=999999999; PT24H",
                "max-age=99999999999999999999; PT24H",
                "s-maxage=7200; PT1H",
                "x-max-age=7200; PT1H",
                "max-age=soon; PT1H"
            })
    void keys_are_good_for_as_long_as_their_provider_says_but_a_minute_at_least_and_a_day_at_most(
            String cacheControl, Duration fresh) {
        assertThat(Freshness.of(cacheControl)).isEqualTo(fresh);
    }
}
