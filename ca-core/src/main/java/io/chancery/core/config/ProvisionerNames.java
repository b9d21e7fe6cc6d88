package io.chancery.core.config;

import io.chancery.core.json.Json;
import java.util.List;

/** What chancery.json says of a provisioner must be about one that ca.json has. */
public final class ProvisionerNames {
    private ProvisionerNames() {}

    /**
     * One problem for each name that no provisioner has; a policy or a secret would be without effect otherwise.
     *
     * @param file the name of chancery.json, for messages
     */
    public static List<ConfigProblem> check(String file, CaConfig ca, ChanceryConfig chancery) {
        List<String> known = ca.authority().provisioners().stream()
                .map(each -> String.valueOf(Json.member(each, "name")))
                .toList();
        return chancery.provisioners().keySet().stream()
                .filter(name -> !known.contains(name))
                .sorted()
                .map(name -> new ConfigProblem(
                        file,
                        "/provisioners/" + name.replace("~", "~0").replace("/", "~1"),
                        "the name of no provisioner in ca.json",
                        Node.nearest(name, known)
                                .map(nearest -> "did you mean " + Node.quoted(nearest) + "?")
                                .orElse(
                                        known.isEmpty()
                                                ? "nothing; it has none"
                                                : "one of " + String.join(", ", known)),
                        ConfigProblem.Severity.ERROR))
                .toList();
    }
}
