package io.chancery.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.cli.FindingList;
import io.chancery.signer.admin.Finding;
import io.chancery.signer.admin.Finding.Status;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ClusterDoctorTest {
    private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");
    private static final String OLD = "a".repeat(64);
    private static final String NEXT = "b".repeat(64);

    private final JsonArray nodes = new JsonArray();

    private static JsonObject issuer(String name, String certificate, String key) {
        return new JsonObject()
                .put("name", name)
                .put("certificate", certificate)
                .put("endSeconds", NOW.getEpochSecond() + 400L * 86_400)
                .put("issues", "nothing")
                .put("key", key)
                .put("why", key == null || key.equals("ready") ? "" : "CKR_PIN_INCORRECT");
    }

    /** A node that is well, and what is wrong with it. */
    private void node(String name, Consumer<JsonObject> wrong) {
        JsonObject says = new JsonObject()
                .put("role", "all")
                .put("version", "1")
                .put("clockMillis", NOW.toEpochMilli())
                .put("roots", "r")
                .put("provisioners", "p")
                .put("keyRules", "k")
                .put("members", 0)
                .put("issuers", new JsonArray().add(issuer("ca.json", OLD, "ready")))
                .put("issuing", OLD)
                .put("busEndSeconds", NOW.getEpochSecond() + 30L * 86_400);
        wrong.accept(says);
        nodes.add(new JsonObject()
                .put("node", name)
                .put("says", says)
                .put("askedAtMillis", NOW.toEpochMilli() - 10)
                .put("answeredAtMillis", NOW.toEpochMilli() + 10));
    }

    private List<Finding> found() throws IOException {
        return ClusterDoctor.examine(new JsonObject().put("nodes", nodes).encode(), NOW);
    }

    /** What is not well, as "status check". */
    private List<String> bad() throws IOException {
        return found().stream()
                .filter(finding -> finding.status() == Status.WARNING || finding.status() == Status.FAILED)
                .peek(finding -> assertThat(finding.todo()).as(finding.found()).isNotEmpty())
                .map(finding -> finding.status() + " " + finding.check())
                .toList();
    }

    @Test
    void nodes_that_agree_are_well() throws Exception {
        node("n1", says -> {});
        node("n2", says -> {});
        assertThat(bad()).isEmpty();
        assertThat(FindingList.exitCode(found())).isZero();
    }

    @Test
    void one_that_does_not_answer_or_is_not_there_fails() throws Exception {
        node("n1", says -> says.put("members", 3));
        nodes.add(new JsonObject().put("node", "n2").putNull("says"));
        assertThat(bad()).containsExactly("FAILED answers", "FAILED members");
        assertThat(FindingList.exitCode(found())).isOne();
    }

    @Test
    void what_should_be_alike_and_is_not_is_named_with_its_nodes() throws Exception {
        node("n1", says -> {});
        node(
                "n2",
                says -> says.put("version", "2")
                        .put("roots", "s")
                        .put("provisioners", "q")
                        .put("keyRules", "l"));
        assertThat(bad())
                .containsExactly("WARNING versions", "FAILED roots", "WARNING provisioners", "WARNING key-rules");
        assertThat(found()).anyMatch(finding -> finding.found().equals("they differ: n1 / n2"));
    }

    @Test
    void clocks_apart_are_a_warning_and_fail_where_tokens_would() throws Exception {
        node("n1", says -> says.put("clockMillis", NOW.toEpochMilli() - 6_000));
        node("n2", says -> says.put("clockMillis", NOW.toEpochMilli() + 61_000));
        node("n3", says -> says.put("clockMillis", NOW.toEpochMilli() + 4_000));
        assertThat(bad()).containsExactly("WARNING clocks", "FAILED clocks");
    }

    @Test
    void a_refused_pin_names_the_node_and_the_way_out() throws Exception {
        node("n1", says -> {});
        node("n2", says -> says.put("issuers", new JsonArray().add(issuer("ca.json", OLD, "pin_refused"))));
        assertThat(bad()).containsExactly("FAILED keys");
        assertThat(found())
                .anyMatch(finding -> finding.found().contains("n2")
                        && finding.found().contains("CKR_PIN_INCORRECT")
                        && finding.todo().contains("hsm retry"));
    }

    @Test
    void an_issuer_that_signs_must_be_known_everywhere_and_the_next_one_should_be() throws Exception {
        node(
                "n1",
                says -> says.put(
                        "issuers",
                        new JsonArray().add(issuer("2027", NEXT, "ready")).add(issuer("ca.json", OLD, "ready"))));
        node("n2", says -> {});
        assertThat(bad()).containsExactly("WARNING issuers");
        nodes.getJsonObject(0).getJsonObject("says").put("issuing", NEXT);
        assertThat(bad()).containsExactly("FAILED issuers", "WARNING issuing");
    }

    @Test
    void a_name_for_two_certificates_and_a_key_that_nobody_has_fail() throws Exception {
        node("n1", says -> says.put("issuers", new JsonArray().add(issuer("ca.json", OLD, null))));
        node(
                "n2",
                says -> says.put("issuers", new JsonArray().add(issuer("ca.json", NEXT, "ready")))
                        .put("issuing", NEXT));
        assertThat(bad()).contains("FAILED keys", "FAILED issuers", "WARNING issuing");
        assertThat(found()).anyMatch(finding -> finding.found().contains("different certificates: n1 / n2"));
    }

    @Test
    void ends_that_come_near_are_told() throws Exception {
        long soon = NOW.getEpochSecond() + 86_400;
        node("n1", says -> {
            says.put("busEndSeconds", soon).put("cannotIssue", "the store").put("deaf", "nobody asks");
            says.getJsonArray("issuers").getJsonObject(0).put("endSeconds", soon);
        });
        assertThat(bad())
                .containsExactly("WARNING issuer-end", "FAILED can-issue", "FAILED deaf", "WARNING bus-certificate");
    }

    @Test
    void what_a_node_says_cannot_command_a_terminal() throws Exception {
        node("n1", says -> says.put("cannotIssue", "\u001b[2J\nok\tanswers"));
        assertThat(found()).noneMatch(finding -> finding.found().matches("(?s).*\\p{Cntrl}.*"));
    }

    @Test
    void an_answer_of_another_form_is_an_error_in_words() {
        assertThatThrownBy(() -> ClusterDoctor.examine("{}", NOW)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> ClusterDoctor.examine("[]", NOW)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> ClusterDoctor.examine("{\"nodes\":[7]}", NOW)).isInstanceOf(IOException.class);
    }

    /** A node whose own doctor finds this, of the issuer that it signs for. */
    private void finds(String name, Finding... findings) {
        node(
                name,
                says -> says.getJsonArray("issuers")
                        .getJsonObject(0)
                        .put("findings", FindingList.json(List.of(findings))));
    }

    private static Finding ok(String check) {
        return new Finding(check, Status.OK, "as it should be", "");
    }

    private List<String> of(String check) throws IOException {
        return found().stream()
                .filter(finding -> finding.check().equals(check))
                .map(finding -> finding.status() + " " + finding.found())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pin-file",
                "pin-state",
                "pin-accepted",
                "certificate-on-token",
                "certificate-matches",
                "chain-to-root",
                "test-signature",
                "a-check-of-a-later-version"
            })
    void what_a_nodes_own_doctor_finds_is_told_with_its_node_and_what_to_do_there(String check) throws Exception {
        finds("n1", ok(check));
        finds("n2", new Finding(check, Status.FAILED, "it is broken", "mend it"));
        finds("n3", ok(check));
        assertThat(bad()).containsExactly("FAILED " + check);
        assertThat(of(check))
                .containsExactly(
                        "FAILED issuer ca.json (aaaaaaaaaaaa) on n2: it is broken",
                        "OK issuer ca.json (aaaaaaaaaaaa): as it should be on n1 and n3");
        assertThat(found()).anyMatch(finding -> finding.todo().equals("on n2: mend it"));
    }

    @Test
    void what_is_well_on_all_nodes_is_one_line_that_says_where_it_differs() throws Exception {
        finds("n1", ok("pin-file"), ok("pin-state"));
        finds("n2", new Finding("pin-file", Status.OK, "/etc/pin is its owner's alone", ""), ok("pin-state"));
        assertThat(bad()).isEmpty();
        assertThat(of("pin-file"))
                .containsExactly("OK issuer ca.json (aaaaaaaaaaaa): as it should be on n1;"
                        + " /etc/pin is its owner's alone on n2");
        assertThat(of("pin-state")).containsExactly("OK issuer ca.json (aaaaaaaaaaaa): as it should be on n1 and n2");
    }

    @Test
    void what_was_not_looked_at_is_told_and_is_no_failure() throws Exception {
        finds("n1", new Finding("test-signature", Status.SKIPPED, "the key is healing", ""));
        assertThat(of("test-signature"))
                .containsExactly("SKIPPED issuer ca.json (aaaaaaaaaaaa) on n1: the key is healing");
        assertThat(FindingList.exitCode(found())).isZero();
    }

    @Test
    void a_node_of_an_older_version_does_not_say_and_is_compared_in_all_else() throws Exception {
        finds("n1", ok("pin-file"));
        node("n2", says -> {});
        assertThat(bad()).isEmpty();
        assertThat(of("doctor"))
                .containsExactly("SKIPPED n2 does not say what its doctor finds: it is of an older version");
        assertThat(of("pin-file")).containsExactly("OK issuer ca.json (aaaaaaaaaaaa): as it should be on n1");
    }

    @Test
    void what_cannot_be_read_of_one_node_hides_nothing_of_the_others() throws Exception {
        finds("n1", ok("pin-file"));
        node(
                "n2",
                says -> says.getJsonArray("issuers")
                        .getJsonObject(0)
                        .put("findings", new JsonArray().add("all is well")));
        assertThat(bad()).containsExactly("WARNING doctor");
        assertThat(of("pin-file")).containsExactly("OK issuer ca.json (aaaaaaaaaaaa): as it should be on n1");
    }

    @Test
    void a_node_without_a_key_has_nothing_to_say_of_one() throws Exception {
        finds("n1", ok("pin-file"));
        node("n2", says -> says.put("issuers", new JsonArray().add(issuer("ca.json", OLD, null))));
        assertThat(of("doctor")).isEmpty();
    }

    @Test
    void a_status_of_a_later_version_is_one_to_look_at() throws Exception {
        finds("n1", ok("pin-file"));
        nodes.getJsonObject(0)
                .getJsonObject("says")
                .getJsonArray("issuers")
                .getJsonObject(0)
                .getJsonArray("findings")
                .getJsonObject(0)
                .put("status", "dubious")
                .put("todo", "look");
        assertThat(bad()).containsExactly("WARNING pin-file");
    }

    @Test
    void what_a_nodes_doctor_says_cannot_command_a_terminal() throws Exception {
        finds("n1", new Finding("pin\u001b[2J", Status.FAILED, "a\u001b[2J", "b\nok\tanswers"));
        assertThat(found())
                .noneMatch(
                        finding -> (finding.check() + finding.found() + finding.todo()).matches("(?s).*\\p{Cntrl}.*"));
    }

    private static JsonObject golden(String name) throws IOException {
        try (InputStream file = ClusterDoctorTest.class.getResourceAsStream("/wire/v1/" + name + ".json")) {
            return new JsonObject(
                    new String(Objects.requireNonNull(file, name).readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private void says(String name, JsonObject says) {
        nodes.add(new JsonObject()
                .put("node", name)
                .put("says", says)
                .put("askedAtMillis", NOW.toEpochMilli())
                .put("answeredAtMillis", NOW.toEpochMilli()));
    }

    @Test
    void what_this_version_says_and_what_the_one_before_said_is_read_side_by_side() throws Exception {
        says("n1", golden("check-up"));
        says("n2", golden("check-up-without-findings"));
        assertThat(found()).anyMatch(finding -> finding.found().startsWith("n2 does not say what its doctor finds"));
        assertThat(of("pin-file")).containsExactly("FAILED issuer two (bbbbbbbbbbbb) on n1: it is broken");
    }
}
