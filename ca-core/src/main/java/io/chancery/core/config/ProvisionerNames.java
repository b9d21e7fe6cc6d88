package io.chancery.core.config;

import io.chancery.core.issuer.IssuingRule;
import io.chancery.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What chancery.json says of a provisioner must be about one that ca.json has. */
public final class ProvisionerNames {
    private ProvisionerNames() {}

    /**
     * One problem for each name that no provisioner has; a policy or a secret would be without effect otherwise.
     *
     * @param file the name of chancery.json, for messages
     */
    public static List<ConfigProblem> check(String file, CaConfig ca, ChanceryConfig chancery) {
        List<String> known = names(ca);
        return chancery.provisioners().keySet().stream()
                .filter(name -> !known.contains(name))
                .sorted()
                .map(name -> unknown(
                        file,
                        "/provisioners/" + ConfigProblem.escaped(name),
                        "the name of no provisioner in ca.json",
                        name,
                        known))
                .toList();
    }

    /** As above, of the names in {@code issuers}: a rule with one that is written wrong would be for nobody. */
    public static List<ConfigProblem> checkIssuers(String file, CaConfig ca, ChanceryConfig chancery) {
        List<String> known = names(ca);
        List<ConfigProblem> problems = new ArrayList<>();
        for (int i = 0; i < chancery.issuers().size(); i++) {
            String pointer = "/issuers/" + i + "/issues/provisioners";
            chancery.issuers().get(i).rule().map(IssuingRule::provisioners).orElse(Set.of()).stream()
                    .filter(name -> !known.contains(name))
                    .sorted()
                    .map(name -> unknown(
                            file, pointer, Node.quoted(name) + ", the name of no provisioner in ca.json", name, known))
                    .forEach(problems::add);
        }
        return problems;
    }

    /** As they stand in the file, one for each member of the list. */
    static List<String> names(CaConfig ca) {
        return ca.authority().provisioners().stream()
                .map(each -> String.valueOf(Json.member(each, "name")))
                .toList();
    }

    private static ConfigProblem unknown(String file, String pointer, String found, String name, List<String> known) {
        return new ConfigProblem(
                file,
                pointer,
                found,
                Node.nearest(name, known)
                        .map(nearest -> "did you mean " + Node.quoted(nearest) + "?")
                        .orElse(known.isEmpty() ? "nothing; it has none" : "one of " + String.join(", ", known)),
                ConfigProblem.Severity.ERROR);
    }
}
