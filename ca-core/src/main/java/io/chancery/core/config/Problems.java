package io.chancery.core.config;

import java.util.ArrayList;
import java.util.List;

/** Gathers what is wrong with one file. */
final class Problems {
    private final String file;
    private final List<ConfigProblem> found = new ArrayList<>();

    Problems(String file) {
        this.file = file;
    }

    void error(String pointer, String what, String allowed) {
        add(new ConfigProblem(file, pointer, what, allowed, ConfigProblem.Severity.ERROR));
    }

    void warning(String pointer, String what, String allowed) {
        add(new ConfigProblem(file, pointer, what, allowed, ConfigProblem.Severity.WARNING));
    }

    /** A member that is read twice is wrong once. */
    private void add(ConfigProblem problem) {
        if (!found.contains(problem)) {
            found.add(problem);
        }
    }

    List<ConfigProblem> all() {
        return List.copyOf(found);
    }
}
