package io.chancery.cli.cluster;

import io.chancery.cli.FindingList;
import io.chancery.signer.admin.Finding;
import io.chancery.signer.admin.Finding.Status;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Puts side by side what each node's own doctor finds of one issuer, under the names of {@code chancery hsm doctor}: what is
 * well in one line for all nodes, what is not for each. Pure.
 */
final class DoctorComparison {
    private static final String FINDINGS = "findings";

    private DoctorComparison() {}

    /** One finding of one node. */
    private record Said(String node, Finding finding) {
        boolean isWell() {
            return finding.status() == Status.OK;
        }
    }

    /** Whether a node has a key and its version is one that does not tell findings. */
    static boolean saysNothing(JsonArray issuers) {
        return issuers.stream()
                .map(JsonObject.class::cast)
                .anyMatch(issuer -> issuer.getString("key") != null && issuer.getValue(FINDINGS) == null);
    }

    /**
     * What was found, in words.
     *
     * @param says of the issuer, by node; one of an older version says nothing of this
     */
    static List<Finding> examine(String issuer, Map<String, JsonObject> says) {
        List<Finding> findings = new ArrayList<>();
        Map<String, List<Said>> checks = new LinkedHashMap<>();
        new TreeMap<>(says).forEach((node, said) -> {
            try {
                JsonArray told = said.getJsonArray(FINDINGS, new JsonArray());
                FindingList.read(told)
                        .forEach(finding -> checks.computeIfAbsent(finding.check(), first -> new ArrayList<>())
                                .add(new Said(node, finding)));
            } catch (ClassCastException | NullPointerException e) { // nobody else's findings are less true for that
                findings.add(new Finding(
                        "doctor",
                        Status.WARNING,
                        issuer + " on " + node + ": what its doctor finds cannot be read",
                        "see whether it is of another version"));
            }
        });
        checks.forEach((check, all) -> {
            all.stream()
                    .filter(said -> !said.isWell())
                    .forEach(said -> findings.add(ofNode(issuer, said.node(), said.finding())));
            List<Said> well = all.stream().filter(Said::isWell).toList();
            if (!well.isEmpty()) {
                findings.add(new Finding(check, Status.OK, issuer + ": " + together(well), ""));
            }
        });
        return findings;
    }

    private static Finding ofNode(String issuer, String node, Finding said) {
        return new Finding(
                said.check(),
                said.status(),
                issuer + " on " + node + ": " + said.found(),
                said.todo().isEmpty() ? "" : "on " + node + ": " + said.todo());
    }

    /** As "this on n1 and n2; that on n3". */
    private static String together(List<Said> well) {
        Map<String, SortedSet<String>> nodes = new LinkedHashMap<>();
        well.forEach(said -> nodes.computeIfAbsent(said.finding().found(), first -> new TreeSet<>())
                .add(said.node()));
        return nodes.entrySet().stream()
                .map(each -> each.getKey() + " on " + String.join(" and ", each.getValue()))
                .collect(Collectors.joining("; "));
    }
}
