package io.chancery.cli.ceremony;

import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Of a plan's text as a transcript carries it: what it says about who confirms. All else may name files that are not
 * here.
 *
 * @param people their names, in order
 * @param needed how many of them confirm each step
 */
record PlanConfirmations(String title, List<String> people, int needed) {
    PlanConfirmations {
        people = List.copyOf(people);
    }

    /** IllegalArgumentException when it is no plan. */
    static PlanConfirmations of(String planText) {
        Map<?, ?> top = top(planText);
        if (top.get("title") instanceof String title && top.get("people") instanceof List<?> people) {
            List<String> names = people.stream()
                    .map(each -> each instanceof Map<?, ?> person ? String.valueOf(person.get("name")) : "")
                    .toList();
            Object needed = top.get("confirmations");
            if (needed == null || needed instanceof Integer) {
                return new PlanConfirmations(title, names, needed instanceof Integer n ? n : names.size());
            }
        }
        throw new IllegalArgumentException("the plan does not say who confirms");
    }

    /** All members; IllegalArgumentException when it has none. */
    static Map<?, ?> top(String planText) {
        try {
            if (new Load(LoadSettings.builder().build()).loadFromString(planText) instanceof Map<?, ?> top) {
                return top;
            }
        } catch (YamlEngineException e) {
            throw new IllegalArgumentException("the plan is no YAML", e);
        }
        throw new IllegalArgumentException("the plan has no members");
    }
}
