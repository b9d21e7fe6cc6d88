package io.chancery.cli.start;

import io.chancery.cli.UsageException;
import io.chancery.core.config.ConfigProblem;

/** One thing of the configuration that is wrong, with its place: whoever looks for all of them goes on behind it. */
final class ConfigException extends UsageException {
    private static final long serialVersionUID = 1L;

    private final transient ConfigProblem problem;

    private ConfigException(ConfigProblem problem) {
        super(problem.text());
        this.problem = problem;
    }

    static ConfigException ofCaJson(String pointer, String found, String allowed) {
        return new ConfigException(ConfigProblem.error("ca.json", pointer, found, allowed));
    }

    static ConfigException ofChanceryJson(String pointer, String found, String allowed) {
        return new ConfigException(ConfigProblem.error("chancery.json", pointer, found, allowed));
    }

    /** Its file is the bare name. */
    ConfigProblem problem() {
        return problem;
    }
}
