package io.chancery.core.config;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What came of reading a file: the configuration, unless there are errors, and everything that was found wrong.
 */
public record ConfigResult<T>(Optional<T> config, List<ConfigProblem> problems) {
    public ConfigResult {
        problems = List.copyOf(problems);
    }

    static <T> ConfigResult<T> of(List<ConfigProblem> problems, Supplier<T> config) {
        boolean failed = problems.stream().anyMatch(p -> p.severity() == ConfigProblem.Severity.ERROR);
        return new ConfigResult<>(failed ? Optional.empty() : Optional.of(config.get()), problems);
    }
}
