package io.chancery.cli.cluster;

import io.chancery.signer.admin.Finding;
import io.chancery.signer.admin.Finding.Status;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Compares what the nodes of a cluster say of themselves. Pure: what they said comes in, findings go out. */
final class ClusterDoctor {
    private static final Duration CLOCKS_WARN = Duration.ofSeconds(5);
    /** As far as tokens allow for. */
    private static final Duration CLOCKS_FAIL = Duration.ofMinutes(1);

    private static final Duration ISSUER_ENDS_SOON = Duration.ofDays(30);
    private static final Duration BUS_ENDS_SOON = Duration.ofDays(7);

    private final Map<String, JsonObject> says = new TreeMap<>();
    private final List<Finding> findings = new ArrayList<>();
    private final Instant now;

    private ClusterDoctor(Instant now) {
        this.now = now;
    }

    /** IOException when the text is not what a node answers. */
    static List<Finding> examine(String json, Instant now) throws IOException {
        try {
            ClusterDoctor doctor = new ClusterDoctor(now);
            doctor.examine(new JsonObject(json));
            return List.copyOf(doctor.findings);
        } catch (DecodeException
                | ClassCastException
                | NullPointerException
                | IndexOutOfBoundsException
                | DateTimeException e) {
            throw new IOException("the node's answer cannot be read; is it of another version?", e);
        }
    }

    private void examine(JsonObject answer) {
        List<JsonObject> nodes = answer.getJsonArray("nodes").stream()
                .map(JsonObject.class::cast)
                .toList();
        nodes.forEach(this::answered);
        membership(nodes.size());
        nodes.forEach(this::clock);
        same("versions", "version", Status.WARNING, "finish the change of versions: restart the nodes of the old one");
        same("roots", "roots", Status.FAILED, "give all nodes the same ca.json#/root");
        same(
                "provisioners",
                "provisioners",
                Status.WARNING,
                "give all nodes the same ca.json#/authority and, in chancery.json, policies and lint; and SIGHUP");
        same("key-rules", "keyRules", Status.WARNING, "give all nodes the same keyRules in chancery.json, and SIGHUP");
        says.values().forEach(TokenComparison::addUp);
        issuers();
        says.forEach(this::node);
    }

    private void add(String check, Status status, String found, String todo) {
        findings.add(new Finding(printable(check), status, printable(found), printable(todo)));
    }

    private void add(Finding finding) {
        add(finding.check(), finding.status(), finding.found(), finding.todo());
    }

    /** What a node says is printed to a terminal. */
    private static String printable(String text) {
        return text.replaceAll("\\p{C}", "?");
    }

    private void answered(JsonObject node) {
        String name = node.getString("node");
        JsonObject said = node.getJsonObject("says");
        if (said == null) {
            add(
                    "answers",
                    Status.FAILED,
                    name + " is in the grid and does not answer on the bus",
                    "look at its log: it may hang, have another bus certificate, or be of a version without this check");
        } else {
            says.put(name, said);
            add(
                    "answers",
                    Status.OK,
                    name + " (" + said.getString("role") + ", " + said.getString("version") + ")",
                    "");
        }
    }

    private void membership(int present) {
        int wanted = says.values().stream()
                .mapToInt(said -> said.getInteger("members"))
                .max()
                .orElse(0);
        if (wanted > present) {
            add(
                    "members",
                    Status.FAILED,
                    "chancery.json#/cluster has " + wanted + " nodes (members, or size where that is more), and "
                            + present + " are in the grid",
                    "start the others, or see whether the network lets them through");
        }
    }

    private void clock(JsonObject node) {
        JsonObject said = node.getJsonObject("says");
        if (said == null) {
            return;
        }
        long middle = (node.getLong("askedAtMillis") + node.getLong("answeredAtMillis")) / 2;
        Duration apart = Duration.ofMillis(said.getLong("clockMillis") - middle).abs();
        if (apart.compareTo(CLOCKS_WARN) > 0) {
            add(
                    "clocks",
                    apart.compareTo(CLOCKS_FAIL) > 0 ? Status.FAILED : Status.WARNING,
                    "the clock of " + node.getString("node") + " is " + apart.toSeconds() + " s from this node's",
                    "let an NTP client keep it; tokens allow for a minute");
        }
    }

    private void same(String check, String member, Status otherwise, String todo) {
        Map<String, SortedSet<String>> byValue = new TreeMap<>();
        says.forEach((node, said) -> byValue.computeIfAbsent(said.getString(member), first -> new TreeSet<>())
                .add(node));
        if (byValue.size() > 1) {
            add(check, otherwise, "they differ: " + groups(byValue.values()), todo);
        } else {
            add(check, Status.OK, "the same on all nodes", "");
        }
    }

    private static String groups(Iterable<SortedSet<String>> groups) {
        List<String> texts = new ArrayList<>();
        groups.forEach(group -> texts.add(String.join(" and ", group)));
        return String.join(" / ", texts);
    }

    /** One issuer as one node has it. */
    private record Seen(String node, JsonObject issuer) {
        String text(String member) {
            return String.valueOf(issuer.getString(member));
        }

        boolean isReady() {
            return "ready".equals(issuer.getString("key"));
        }
    }

    private void issuers() {
        List<Seen> seen = new ArrayList<>();
        says.forEach((node, said) ->
                said.getJsonArray("issuers").forEach(issuer -> seen.add(new Seen(node, (JsonObject) issuer))));
        grouped(seen, one -> one.text("certificate")).forEach(this::issuer);
        grouped(seen, one -> one.text("name")).forEach((name, all) -> {
            if (grouped(all, one -> one.text("certificate")).size() > 1) {
                add(
                        "issuers",
                        Status.FAILED,
                        "the name " + name + " stands for different certificates: "
                                + groups(nodesBy(all, one -> one.text("certificate"))),
                        "give all nodes the same crt");
            }
        });
        Map<String, SortedSet<String>> issuing = new TreeMap<>();
        says.forEach((node, said) -> Optional.ofNullable(said.getString("issuing"))
                .ifPresent(hash ->
                        issuing.computeIfAbsent(hash, first -> new TreeSet<>()).add(node)));
        if (issuing.size() > 1) {
            add(
                    "issuing",
                    Status.WARNING,
                    "new certificates have different issuers: " + groups(issuing.values()),
                    "so it is while nodes are switched one by one; else compare \"issuers\" of chancery.json, and SIGHUP");
        }
    }

    private static Map<String, List<Seen>> grouped(List<Seen> seen, Function<Seen, String> by) {
        return seen.stream().collect(Collectors.groupingBy(by, TreeMap::new, Collectors.toList()));
    }

    private static Iterable<SortedSet<String>> nodesBy(List<Seen> seen, Function<Seen, String> by) {
        return grouped(seen, by).values().stream().map(ClusterDoctor::nodes).toList();
    }

    private static SortedSet<String> nodes(List<Seen> seen) {
        return seen.stream().map(Seen::node).collect(Collectors.toCollection(TreeSet::new));
    }

    private void issuer(String certificate, List<Seen> seen) {
        String name = "issuer " + seen.get(0).text("name") + " (" + certificate.substring(0, 12) + ")";
        TreeSet<String> lacking = new TreeSet<>(says.keySet());
        lacking.removeAll(nodes(seen));
        boolean issuing = says.values().stream().anyMatch(said -> certificate.equals(said.getString("issuing")));
        if (!lacking.isEmpty()) {
            add(
                    "issuers",
                    issuing ? Status.FAILED : Status.WARNING,
                    name + " is not known on " + String.join(" and ", lacking),
                    "list it in chancery.json#/issuers there, and SIGHUP");
        }
        if (grouped(seen, one -> one.text("issues")).size() > 1) {
            add(
                    "issuers",
                    Status.WARNING,
                    name + " issues differently: " + groups(nodesBy(seen, one -> one.text("issues"))),
                    "give all nodes the same \"issues\", and SIGHUP");
        }
        keys(name, seen, issuing);
        Map<String, JsonObject> byNode =
                seen.stream().collect(Collectors.toMap(Seen::node, Seen::issuer, (one, other) -> one));
        TokenComparison.examine(name, byNode).forEach(this::add);
        DoctorComparison.examine(name, byNode).forEach(this::add);
        Duration left =
                Duration.between(now, Instant.ofEpochSecond(seen.get(0).issuer().getLong("endSeconds")));
        if (issuing && left.compareTo(ISSUER_ENDS_SOON) < 0) {
            add(
                    "issuer-end",
                    left.isNegative() ? Status.FAILED : Status.WARNING,
                    name + " signs, and ends at " + now.plus(left),
                    "let the next one take its place (docs/rotation.md)");
        }
    }

    private void keys(String name, List<Seen> seen, boolean issuing) {
        for (Seen one : seen) {
            String key = one.issuer().getString("key");
            if (key != null && !one.isReady()) {
                add(
                        "keys",
                        Status.FAILED,
                        "the key of " + name + " on " + one.node() + " is " + key + ": " + one.text("why"),
                        key.equals("pin_refused")
                                ? "put the right PIN into its pin-source; then chancery hsm retry CA_JSON there"
                                : "chancery hsm doctor there (docs/signer.md)");
            }
        }
        SortedSet<String> ready = nodes(seen.stream().filter(Seen::isReady).toList());
        if (ready.isEmpty()) {
            add(
                    "keys",
                    issuing ? Status.FAILED : Status.WARNING,
                    "no node signs with the key of " + name + (issuing ? "" : "; it has no new list"),
                    "give a node its key");
        } else {
            add("keys", Status.OK, name + " is signed for by " + String.join(" and ", ready), "");
        }
    }

    private void node(String node, JsonObject said) {
        if (DoctorComparison.saysNothing(said.getJsonArray("issuers"))) {
            add("doctor", Status.SKIPPED, node + " does not say what its doctor finds: it is of an older version", "");
        }
        Optional.ofNullable(said.getString("cannotIssue"))
                .ifPresent(why -> add(
                        "can-issue",
                        Status.FAILED,
                        node + " cannot issue: " + why,
                        "see the finding that fits, and its log"));
        Optional.ofNullable(said.getString("deaf"))
                .ifPresent(why -> add(
                        "deaf", Status.FAILED, node + ": " + why, "restart it; see whether its bus port is reached"));
        Long end = said.getLong("busEndSeconds");
        if (end != null) {
            Duration left = Duration.between(now, Instant.ofEpochSecond(Objects.requireNonNull(end)));
            if (left.compareTo(BUS_ENDS_SOON) < 0) {
                add(
                        "bus-certificate",
                        left.isNegative() ? Status.FAILED : Status.WARNING,
                        "the bus certificate of " + node + " ends at " + now.plus(left),
                        "chancery cluster renew (docs/bus-certificates.md)");
            }
        }
    }
}
