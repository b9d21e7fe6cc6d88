package io.chancery.core.config;

import java.util.List;
import java.util.Optional;

/**
 * What came of reading a file: the configuration, unless there are errors, and everything that was found wrong.
 *
 * @param draft what could be read, with stand-ins where there are errors: to look for what else is wrong, and for nothing
 *     else; empty where the file is no JSON object
 */
public record ConfigResult<T>(Optional<T> config, List<ConfigProblem> problems, Optional<T> draft) {
    public ConfigResult {
        problems = List.copyOf(problems);
    }

    static <T> ConfigResult<T> of(List<ConfigProblem> problems, T read) {
        boolean failed = problems.stream().anyMatch(p -> p.severity() == ConfigProblem.Severity.ERROR);
        return new ConfigResult<>(failed ? Optional.empty() : Optional.of(read), problems, Optional.of(read));
    }

    /** Of a text in which nothing can be found. */
    static <T> ConfigResult<T> nothing(List<ConfigProblem> problems) {
        return new ConfigResult<>(Optional.empty(), problems, Optional.empty());
    }
}
