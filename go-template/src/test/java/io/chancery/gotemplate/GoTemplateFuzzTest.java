package io.chancery.gotemplate;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.chancery.gotemplate.budget.Limits;
import io.chancery.gotemplate.budget.Surroundings;
import io.chancery.gotemplate.sprig.Sprig;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;

@DisplayNameGeneration(ReplaceUnderscores.class)
class GoTemplateFuzzTest {
    private static final Map<String, Object> DATA =
            Map.of("s", "text", "n", 3, "t", true, "l", List.of("a", 1, List.of()), "m", Map.of("k", "v"));
    private static final Limits LIMITS = new Limits(Duration.ofMillis(100), 1 << 16, 1 << 20, 64);
    private static final Surroundings SURROUNDINGS = new Surroundings(
            InstantSource.fixed(Instant.parse("2026-01-02T03:04:05Z")), System::nanoTime, bound -> bound / 2);

    @FuzzTest(maxDuration = "10m")
    void any_text_gives_output_within_the_limits_or_an_error_with_its_place(byte[] data) {
        String text = new String(data, java.nio.charset.StandardCharsets.UTF_8);
        long began = System.nanoTime();
        try {
            String output = GoTemplate.compile("t", text, Sprig.functions()).execute(DATA, LIMITS, SURROUNDINGS);
            assertThat(output.length()).isLessThanOrEqualTo(LIMITS.outputOctets());
        } catch (TemplateException e) {
            assertThat(e.line()).isPositive();
            assertThat(e.column()).isPositive();
            assertThat(e).hasMessageStartingWith("template: t:");
        }
        // Generous: the machine may be busy, and instrumented code is slow.
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
    }
}
