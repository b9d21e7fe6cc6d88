package io.chancery.cli.ceremony;

import io.chancery.core.der.Der;
import io.chancery.signer.admin.ManagedKey;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Holds a transcript against itself and the files beside it: the chain of hashes, the signatures of as many people with
 * as many keys as it needs at each step, that the steps are the plan's, and that each made what they had confirmed.
 * Finds all that is wrong.
 */
final class TranscriptCheck {
    private final JsonObject transcript;
    private final List<String> problems = new ArrayList<>();
    private final Map<String, PublicKey> people = new LinkedHashMap<>();
    private final ResultCheck results;
    private final Set<String> signers = new HashSet<>();

    private TranscriptCheck(JsonObject transcript, Path folder) {
        this.transcript = transcript;
        this.results = new ResultCheck(folder, problems);
    }

    /**
     * Everything that is wrong, each with its step; empty when nothing is.
     *
     * @param trusted whose keys were expected, by name; empty when only the transcript's own word counts
     * @param confirmed takes a line that says how many confirmed, and who
     */
    static List<String> problems(Path file, Map<String, PublicKey> trusted, List<String> confirmed) throws IOException {
        JsonObject transcript;
        try {
            transcript = new JsonObject(Files.readString(file, StandardCharsets.UTF_8));
        } catch (DecodeException e) {
            return List.of("the transcript is no JSON");
        }
        TranscriptCheck check =
                new TranscriptCheck(transcript, file.toAbsolutePath().resolveSibling(""));
        try {
            check.run(trusted);
            confirmed.add(check.confirmed());
        } catch (ClassCastException | NullPointerException | IllegalArgumentException e) {
            check.problems.add("the transcript does not have the form of one");
        }
        return List.copyOf(check.problems);
    }

    private void run(Map<String, PublicKey> trusted) {
        if (!Transcript.FORMAT.equals(transcript.getString("format"))) {
            problems.add("the transcript's format is not " + Transcript.FORMAT);
            return;
        }
        people(trusted);
        int needed = transcript.getInteger("needed");
        promises(needed);
        String previous = Transcript.beginning(transcript.getString("plan"), transcript.getJsonArray("people"), needed);
        PlannedSteps planned = new PlannedSteps(transcript.getString("plan"));
        JsonArray steps = transcript.getJsonArray("steps");
        for (int i = 0; i < steps.size(); i++) {
            JsonObject step = steps.getJsonObject(i);
            step(i + 1, step, previous, needed, planned);
            previous = step.getString("hash");
        }
        problems.addAll(planned.problems(steps));
        closing(steps);
    }

    private void closing(JsonArray steps) {
        if (steps.isEmpty()
                || !Transcript.CLOSING.equals(
                        steps.getJsonObject(steps.size() - 1).getString("what"))) {
            problems.add("the ceremony was not closed: nobody has confirmed its results. If it broke off, "
                    + LeftBehind.FILE + " beside the transcript says what to remove");
        } else if (!steps.getJsonObject(steps.size() - 1)
                .getJsonObject("result")
                .isEmpty()) {
            problems.add("step " + steps.size() + ": the closing step has a result, which nobody has confirmed");
        }
    }

    private String confirmed() {
        return transcript.getInteger("needed") + " of " + people.size() + " confirmed: "
                + String.join(
                        ", ", people.keySet().stream().filter(signers::contains).toList());
    }

    /** Whose signatures count is the plan's word; the rest of the transcript only repeats it. */
    private void promises(int needed) {
        if (needed < 1 || needed > people.size()) {
            problems.add("needed: " + needed + " of " + people.size() + " people cannot confirm a ceremony");
        }
        PlanConfirmations plan = PlanConfirmations.of(transcript.getString("plan"));
        if (plan.needed() != needed) {
            problems.add("needed: the plan wants " + plan.needed() + " confirmations of each step, not " + needed);
        }
        if (!plan.people().equals(List.copyOf(people.keySet()))) {
            problems.add("people: the plan names " + String.join(", ", plan.people()) + ", the transcript "
                    + String.join(", ", people.keySet()));
        }
        if (!plan.title().equals(transcript.getString("title"))) {
            problems.add("title: it is not the plan's, " + plan.title());
        }
    }

    private void people(Map<String, PublicKey> trusted) {
        Set<PublicKey> keys = new HashSet<>();
        for (Object each : transcript.getJsonArray("people")) {
            JsonObject person = (JsonObject) each;
            String name = person.getString("name");
            PublicKey key = PlanReader.publicKey(Base64.getDecoder().decode(person.getString("publicKey")));
            if (key == null || !keys.add(key) || people.put(name, key) != null) {
                problems.add("people: " + name + " has no key of their own");
            }
            if (!trusted.isEmpty() && !(key != null && key.equals(trusted.get(name)))) {
                problems.add("people: the key of " + name + " is not the one that was expected");
            }
        }
        trusted.keySet().stream()
                .filter(name -> !people.containsKey(name))
                .forEach(name -> problems.add("people: " + name + " was expected, and is not among them"));
    }

    private void step(int number, JsonObject step, String previous, int needed, PlannedSteps planned) {
        String place = "step " + number + ": ";
        String intent = step.getString("intent");
        if (step.getInteger("number") != number
                || !intent.startsWith(Transcript.head(transcript.getString("title"), number, step.getString("what")))) {
            problems.add(place + "it is out of its order, or another one was confirmed");
        }
        if (!Transcript.previousIn(intent).equals(previous)) {
            problems.add(place + "what was confirmed does not follow from the steps before");
        }
        if (!Transcript.hash(previous, step).equals(step.getString("hash"))) {
            problems.add(place + "it was changed after it was recorded");
        }
        confirmations(place, step, intent, needed);
        Map<String, String> facts = facts(place, intent);
        JsonObject result = step.getJsonObject("result");
        planned.problems(step.getString("what"), facts, result).forEach(problem -> problems.add(place + problem));
        results.step(place, facts, result);
    }

    /** What was shown to those who confirmed, by name. */
    private Map<String, String> facts(String place, String intent) {
        Map<String, String> facts = new LinkedHashMap<>();
        List<String> lines = intent.lines().toList();
        // Two lines of head before them, the predecessor's hash after them.
        for (String line : lines.subList(Math.min(2, lines.size()), Math.max(2, lines.size() - 1))) {
            String[] parts = line.split(": ", 2);
            if (parts.length != 2 || facts.put(parts[0], parts[1]) != null) {
                problems.add(place + "what was confirmed is not one line a fact");
            }
        }
        return facts;
    }

    private void confirmations(String place, JsonObject step, String intent, int needed) {
        Set<PublicKey> signed = new HashSet<>();
        for (Object each : step.getJsonArray("confirmations")) {
            JsonObject confirmation = (JsonObject) each;
            String name = confirmation.getString("person");
            PublicKey key = people.get(name);
            byte[] signature = Base64.getDecoder().decode(confirmation.getString("signature"));
            if (key == null
                    || !ManagedKey.verifies(key, Der.of(intent.getBytes(StandardCharsets.UTF_8)), Der.of(signature))) {
                problems.add(place + "the signature of " + name + " does not verify");
            } else if (!signed.add(key)) {
                problems.add(place + "two signatures are by one key, that of " + name);
            } else {
                signers.add(name);
            }
        }
        if (signed.size() < needed) {
            problems.add(place + signed.size() + " of " + needed + " needed confirmations are there");
        }
    }
}
