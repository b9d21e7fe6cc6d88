package io.chancery.cli.ceremony;

import io.chancery.cli.WholeFiles;
import io.chancery.core.der.Sha256;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;

/**
 * What was done, step by step: each step carries the hash of the one before, and what people signed names that hash, so
 * that no step can be taken out or changed later. Written anew after each step.
 */
final class Transcript {
    static final String FORMAT = "chancery-ceremony-1";
    static final String FILE = "transcript.json";
    /** What is done last, signed over everything before. */
    static final String CLOSING = "close the ceremony";

    private final CeremonyPlan plan;
    private final Path folder;
    private final JsonArray steps = new JsonArray();
    private String last;

    Transcript(CeremonyPlan plan, Path folder) {
        this.plan = plan;
        this.folder = folder;
        this.last = beginning(plan.text(), people(plan), plan.needed());
    }

    /** The hash that the first step builds on: of the plan, and of whose signatures count. */
    static String beginning(String planText, JsonArray people, int needed) {
        return sha256(planText + "\n" + people.encode() + "\n" + needed);
    }

    static JsonArray people(CeremonyPlan plan) {
        JsonArray people = new JsonArray();
        for (CeremonyPlan.Person person : plan.people()) {
            people.add(new JsonObject()
                    .put("name", person.name())
                    .put(
                            "publicKey",
                            Base64.getEncoder().encodeToString(person.key().getEncoded())));
        }
        return people;
    }

    int next() {
        return steps.size() + 1;
    }

    /** What people confirm: the step in words, and where in the ceremony it stands. */
    String intent(String what, Map<String, String> facts) {
        return intent(plan.title(), next(), what, last, facts);
    }

    private static String intent(String title, int number, String what, String previous, Map<String, String> facts) {
        StringBuilder text = new StringBuilder(head(title, number, what));
        facts.forEach(
                (name, value) -> text.append(name).append(": ").append(value).append('\n'));
        return text.append("after: ").append(previous).append('\n').toString();
    }

    /** What an intent begins with. */
    static String head(String title, int number, String what) {
        return "ceremony: " + title + "\nstep " + number + ": " + what + "\n";
    }

    /** The hash that an intent names as its step's predecessor; empty when it has none. */
    static String previousIn(String intent) {
        int at = intent.lastIndexOf("after: ");
        return at < 0 ? "" : intent.substring(at + "after: ".length()).strip();
    }

    /** Appends a step that was done, and writes all. */
    void done(String what, String intent, JsonArray confirmations, JsonObject result, String time) throws IOException {
        JsonObject step = new JsonObject()
                .put("number", next())
                .put("what", what)
                .put("intent", intent)
                .put("confirmations", confirmations)
                .put("time", time)
                .put("result", result);
        last = hash(last, step);
        steps.add(step.copy().put("hash", last));
        write();
    }

    static String hash(String previous, JsonObject step) {
        JsonObject bare = step.copy();
        Object unused = bare.remove("hash");
        return sha256(previous + "\n" + bare.encode());
    }

    private void write() throws IOException {
        JsonObject all = new JsonObject()
                .put("format", FORMAT)
                .put("title", plan.title())
                .put("plan", plan.text())
                .put("people", people(plan))
                .put("needed", plan.needed())
                .put("steps", steps);
        WholeFiles.replace(folder.resolve(FILE), all.encodePrettily() + "\n");
    }

    static String sha256(String text) {
        return Sha256.digest(text.getBytes(StandardCharsets.UTF_8)).hex();
    }
}
