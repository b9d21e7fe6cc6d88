package io.chancery.cli.ceremony;

import io.chancery.signer.admin.KeyShares;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The steps that a plan's text leads to, held against those that a transcript has. */
final class PlannedSteps {
    private static final String SHARES = "shares ";

    private final Map<String, Planned> steps = new LinkedHashMap<>();

    /**
     * @param facts what people have to be shown, by name
     * @param shown what else they have to be shown, whatever it is: the result is held against it
     * @param results what has to be recorded, by name
     */
    private record Planned(Map<String, String> facts, Set<String> shown, Map<String, String> results) {}

    /** IllegalArgumentException when it is no plan. */
    PlannedSteps(String planText) {
        if (PlanConfirmations.top(planText).get("authorities") instanceof List<?> authorities) {
            for (Object each : authorities) {
                if (each instanceof Map<?, ?> authority) {
                    authority(authority);
                }
            }
        }
    }

    private void authority(Map<?, ?> authority) {
        String name = String.valueOf(authority.get("name"));
        Optional<String> issuer = Optional.ofNullable(authority.get("issuer")).map(String::valueOf);
        Map<String, String> named = Map.of("authority", name);
        if (authority.containsKey("kms")) {
            String backup = backup(String.valueOf(authority.get("backup")));
            Map<String, String> facts = Map.of(
                    "algorithm",
                    String.valueOf(authority.get("algorithm")),
                    "backup",
                    backup,
                    "made",
                    KeyStep.made(backup.startsWith(SHARES)));
            steps.put(KeyStep.what(name), new Planned(facts, Set.of("token serial", "object"), named));
            if (backup.equals("clone")) {
                steps.put(CloneStep.what(name), new Planned(Map.of(), Set.of(), named));
            }
        }
        if (issuer.filter(CeremonyPlan.Authority.ELSEWHERE::equals).isPresent()) {
            steps.put(RequestStep.what(name), new Planned(Map.of(), Set.of("subject"), named));
        } else {
            steps.put(
                    CertificateStep.what(name, issuer),
                    new Planned(
                            Map.of(),
                            Set.of("to be signed SHA-256"),
                            Map.of("authority", name, "issuer", issuer.orElse(name))));
        }
    }

    /** As the key's step shows it, however the plan writes it. */
    private static String backup(String text) {
        return text.startsWith(SHARES) ? SHARES + KeyShares.Split.parse(text.substring(SHARES.length())) : text;
    }

    /** What is there and not planned, and the other way round; the closing step is in no plan. */
    List<String> problems(JsonArray done) {
        List<String> problems = new ArrayList<>();
        List<String> missing = new ArrayList<>(steps.keySet());
        for (int i = 0; i < done.size(); i++) {
            String what = done.getJsonObject(i).getString("what");
            if (!missing.remove(what) && !what.equals(Transcript.CLOSING)) {
                problems.add("step " + (i + 1) + ": the plan has no such step, or not twice: " + what);
            }
        }
        missing.forEach(what -> problems.add("steps: the plan has one that is not here: " + what));
        return problems;
    }

    /** Where a step is another one than the plan's of its name; empty for one that is in no plan. */
    List<String> problems(String what, Map<String, String> facts, JsonObject result) {
        List<String> problems = new ArrayList<>();
        Planned planned = steps.getOrDefault(what, new Planned(Map.of(), Set.of(), Map.of()));
        planned.facts().forEach((name, value) -> {
            if (!value.equals(facts.get(name))) {
                problems.add(name + " " + value + " is in the plan, and " + facts.get(name) + " was confirmed");
            }
        });
        planned.shown().stream()
                .filter(name -> !facts.containsKey(name))
                .forEach(name -> problems.add("what was confirmed does not say " + name));
        planned.results().forEach((name, value) -> {
            if (!value.equals(result.getString(name))) {
                problems.add(name + " " + value + " is in the plan, and it was done with " + result.getString(name));
            }
        });
        return problems;
    }
}
