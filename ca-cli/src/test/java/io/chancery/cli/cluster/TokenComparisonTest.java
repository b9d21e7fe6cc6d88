package io.chancery.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.signer.admin.Finding;
import io.chancery.signer.admin.Finding.Status;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TokenComparisonTest {
    private final Map<String, JsonObject> says = new HashMap<>();

    /** A node whose token is as it should be, and what is otherwise. */
    private void node(String name, Consumer<JsonObject> otherwise) {
        JsonObject attributes = new JsonObject()
                .put("CKA_SENSITIVE", true)
                .put("CKA_EXTRACTABLE", false)
                .put("CKA_ALWAYS_SENSITIVE", true)
                .put("CKA_NEVER_EXTRACTABLE", true)
                .put("CKA_LOCAL", true)
                .put("CKA_WRAP_WITH_TRUSTED", false)
                .put("CKA_SIGN", true);
        JsonObject token = new JsonObject()
                .put("label", "issuing")
                .put("serial", "4711")
                .put("model", "SoftHSM project SoftHSM v2")
                .put("firmware", "2.6")
                .put("library", "2.6")
                .put("attributes", attributes)
                .put("signaturesAtOnce", 8)
                .put("sessionLimit", 16)
                .put("sessionsOpen", 9)
                .put(
                        "mechanisms",
                        new JsonArray(List.of("CKM_ECDSA", "CKM_RSA_PKCS", "CKM_RSA_PKCS_PSS", "CKM_SHA256")))
                .put("signing", new JsonArray(List.of("CKM_ECDSA", "CKM_RSA_PKCS_PSS")));
        otherwise.accept(token);
        says.put(name, new JsonObject().put("kept", "on a token").put("token", token));
    }

    private List<Finding> found() {
        return TokenComparison.examine("issuer ca.json", says);
    }

    /** What is not well, in words. */
    private List<String> bad() {
        return found().stream()
                .filter(finding -> finding.status() != Status.OK)
                .peek(finding -> assertThat(finding.todo()).as(finding.found()).isNotEmpty())
                .map(finding -> finding.status() + " " + finding.check() + ": " + finding.found())
                .toList();
    }

    @Test
    void tokens_that_are_alike_are_well_and_what_they_are_like_is_told() {
        node("n1", token -> {});
        node("n2", token -> token.put("sessionsOpen", 5).put("serial", "4712"));
        assertThat(bad()).isEmpty();
        assertThat(found())
                .extracting(Finding::check)
                .containsExactly("token", "key-attributes", "sessions", "mechanisms");
        assertThat(found())
                .extracting(Finding::found)
                .anyMatch(text -> text.contains("token issuing (serial 4711) on n1, token issuing (serial 4712) on n2"))
                .anyMatch(text -> text.contains("on n1 and n2 made on the token, sensitive, not extractable"))
                .anyMatch(text -> text.contains("n1: 8 signatures at once, 9 session(s) open, a limit of 16; n2: "))
                .anyMatch(text -> text.startsWith("the same for the key of issuer ca.json on n1 and n2"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"CKA_ALWAYS_SENSITIVE", "CKA_NEVER_EXTRACTABLE", "CKA_LOCAL", "CKA_WRAP_WITH_TRUSTED", "CKA_SIGN"
            })
    void an_attribute_that_differs_is_named_with_its_nodes(String name) {
        node("n1", token -> {});
        node(
                "n2",
                token -> token.getJsonObject("attributes")
                        .put(name, !token.getJsonObject("attributes").getBoolean(name)));
        node("n3", token -> {});
        boolean usual = says.get("n1")
                .getJsonObject("token")
                .getJsonObject("attributes")
                .getBoolean(name);
        assertThat(bad())
                .singleElement()
                .asString()
                .startsWith("WARNING key-attributes: the key of issuer ca.json is not kept alike: " + name + " is ")
                .contains(usual + " on n1 and n3", !usual + " on n2");
    }

    @Test
    void a_key_that_is_weak_on_one_node_is_told_as_weak_and_as_different() {
        node("n1", token -> {});
        node(
                "n2",
                token -> token.getJsonObject("attributes")
                        .put("CKA_EXTRACTABLE", true)
                        .put("CKA_SENSITIVE", false));
        assertThat(bad()).hasSize(2);
        assertThat(bad().get(0)).contains("is weak on n2: not sensitive", "extractable: whoever is logged in");
        assertThat(bad().get(1))
                .contains("CKA_SENSITIVE is false on n2, true on n1", "CKA_EXTRACTABLE is false on n1, true on n2");
    }

    @Test
    void a_key_that_is_weak_everywhere_is_not_well_though_all_agree() {
        node("n1", token -> token.getJsonObject("attributes").put("CKA_EXTRACTABLE", true));
        assertThat(bad()).singleElement().asString().contains("is weak on n1");
    }

    @Test
    void a_key_in_a_file_beside_others_on_tokens_is_named() {
        node("n1", token -> {});
        node("n2", token -> {});
        says.put("n3", new JsonObject().put("kept", "in a file").putNull("token"));
        assertThat(bad())
                .containsExactly(
                        "WARNING key-kept: the key of issuer ca.json is in a file on n3, on a token on n1 and n2");
        says.remove("n1");
        says.remove("n2");
        assertThat(found()).as("nothing to compare").isEmpty();
    }

    @Test
    void fewer_sessions_than_are_configured_fail_and_a_full_token_is_a_warning() {
        node("n1", token -> token.put("sessionLimit", 8));
        assertThat(bad())
                .singleElement()
                .asString()
                .startsWith("FAILED sessions: ")
                .contains("on n1: 8 signatures at once, 9 session(s) open, a limit of 8");
        says.clear();
        node("n1", token -> token.put("sessionLimit", 9));
        assertThat(bad()).singleElement().asString().startsWith("WARNING sessions: ");
        says.clear();
        node("n1", token -> token.put("sessionLimit", 0).put("sessionsOpen", 4_000));
        node("n2", token -> token.put("sessionLimit", 0).put("sessionsOpen", -1));
        assertThat(bad()).as("no limit is never reached").isEmpty();
        assertThat(found())
                .anyMatch(finding -> finding.found().contains("an untold number of session(s) open, no limit"));
    }

    @Test
    void limits_that_differ_are_named_with_their_nodes() {
        node("n1", token -> {});
        node("n2", token -> token.put("signaturesAtOnce", 4));
        node("n3", token -> token.put("sessionLimit", -1));
        assertThat(bad())
                .containsExactly("WARNING sessions: nodes sign with the key of issuer ca.json with different limits: "
                        + "4 at once and a limit of 16 on n2, 8 at once and a limit of 16 on n1, "
                        + "8 at once and a limit that is not told on n3");
    }

    @Test
    void mechanisms_that_one_token_lacks_are_named_the_first_of_many() {
        node("n1", token -> {});
        node("n2", token -> token.put("signing", new JsonArray(List.of("CKM_ECDSA"))));
        assertThat(bad())
                .containsExactly("WARNING mechanisms: the token with the key of issuer ca.json on n2 lacks what others"
                        + " have: CKM_RSA_PKCS_PSS to sign");
        JsonArray ecdsa = new JsonArray(List.of("CKM_ECDSA"));
        node("n2", token -> token.put("mechanisms", ecdsa).put("signing", ecdsa));
        assertThat(bad())
                .singleElement()
                .asString()
                .endsWith("on n2 lacks what others have: CKM_RSA_PKCS, CKM_RSA_PKCS_PSS, CKM_SHA256");
        node(
                "n1",
                token -> token.put(
                                "mechanisms",
                                new JsonArray(IntStream.rangeClosed(1, 9)
                                        .mapToObj(i -> "CKM_" + i)
                                        .toList()))
                        .put("signing", new JsonArray()));
        assertThat(bad())
                .anyMatch(text -> text.endsWith("on n1 lacks what others have: CKM_ECDSA"))
                .anyMatch(text -> text.endsWith("CKM_1, CKM_2, CKM_3, CKM_4, CKM_5, CKM_6 and 3 more"));
    }

    @Test
    void libraries_and_firmware_that_differ_are_a_warning() {
        node("n1", token -> {});
        node("n2", token -> token.put("library", "2.7"));
        assertThat(bad())
                .containsExactly("WARNING token: the key of issuer ca.json is on tokens that differ: "
                        + "SoftHSM project SoftHSM v2, firmware 2.6, library 2.6 on n1, "
                        + "SoftHSM project SoftHSM v2, firmware 2.6, library 2.7 on n2");
    }

    @Test
    void a_token_that_was_not_looked_at_says_why_and_an_older_node_says_nothing() {
        node("n1", token -> {});
        says.put(
                "n2",
                new JsonObject()
                        .put("kept", "on a token")
                        .put("token", new JsonObject().put("why", "no answer within 1300 ms")));
        says.put("n3", new JsonObject());
        assertThat(bad())
                .containsExactly("WARNING token: the token with the key of issuer ca.json on n2 was not looked at: "
                        + "no answer within 1300 ms");
    }

    @Test
    void issuers_with_keys_on_one_token_need_its_sessions_together() {
        node("n1", token -> token.put("sessionsOpen", 3));
        JsonArray issuers = new JsonArray().add(says.get("n1"));
        TokenComparison.addUp(new JsonObject().put("issuers", issuers));
        assertThat(bad()).isEmpty();
        issuers.add(says.get("n1").copy()).add(new JsonObject());
        TokenComparison.addUp(new JsonObject().put("issuers", issuers));
        assertThat(bad())
                .singleElement()
                .asString()
                .contains("8 signatures at once (16 with the other issuers there)", "a limit of 16");
    }
}
