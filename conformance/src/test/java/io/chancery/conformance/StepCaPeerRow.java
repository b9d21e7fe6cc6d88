package io.chancery.conformance;

import java.util.Optional;

/**
 * One line of the table: requests sent one after the other to each server, whose last answers are compared.
 *
 * @param divergence the words of docs/divergences.md that say why the answers differ; empty where they must not
 */
record StepCaPeerRow(String name, java.util.List<StepCaPeerRequest> requests, Optional<String> divergence) {
    static StepCaPeerRow same(String name, StepCaPeerRequest... requests) {
        return new StepCaPeerRow(name, java.util.List.of(requests), Optional.empty());
    }

    /** For a line of a list, most of which are the same. */
    static StepCaPeerRow of(String name, Optional<String> divergence, StepCaPeerRequest... requests) {
        return new StepCaPeerRow(name, java.util.List.of(requests), divergence);
    }

    static StepCaPeerRow differs(String name, String divergence, StepCaPeerRequest... requests) {
        return new StepCaPeerRow(name, java.util.List.of(requests), Optional.of(divergence));
    }
}
