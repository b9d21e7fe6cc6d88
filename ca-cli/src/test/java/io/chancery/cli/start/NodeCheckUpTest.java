package io.chancery.cli.start;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cli.FindingList;
import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.members.ClusterIdentity;
import io.chancery.cluster.members.NoOtherMembers;
import io.chancery.cluster.members.NodeFacts;
import io.chancery.core.der.Sha256;
import io.chancery.signer.admin.Finding;
import io.chancery.signer.admin.Finding.Status;
import io.chancery.signer.key.KeyState;
import io.chancery.signer.key.KeyStatus;
import io.chancery.signer.key.LastSignature;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class NodeCheckUpTest {
    private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");
    private static final NodeFacts FACTS = new NodeFacts(
            new NodeId("n1"),
            new ClusterIdentity(Sha256.digest(), Sha256.digest(), Set.of()),
            "1.2.3",
            "all",
            List.of(),
            new NodeFacts.Files(Sha256.digest(), Sha256.digest()));

    @TempDir
    private Path folder;

    private LoadedConfig config;
    private KeyStatus status = KeyStatus.READY;
    private Optional<LastSignature> last = Optional.of(new LastSignature(true, Duration.ofSeconds(3), ""));

    /** The issuer "two" has its key on a token, "one" in a file, "three" elsewhere. */
    @BeforeEach
    void configuration() throws Exception {
        IssuerPlace place = new IssuerPlace(folder);
        for (String name : List.of("one", "two", "three")) {
            place.make(name);
        }
        Map<String, Object> onToken = place.entry("two");
        onToken.put("key", "pkcs11:module-path=/lib/hsm.so;token=t;object=two?pin-source=/etc/chancery/pin");
        Map<String, Object> elsewhere = place.entry("three");
        elsewhere.remove("key");
        config = place.load("one", List.of(onToken, elsewhere));
    }

    private NodeCheckUp checkUp() {
        return new NodeCheckUp(
                new NoOtherMembers(FACTS),
                issuer -> issuer.key().isPresent() ? Optional.of(status) : Optional.empty(),
                issuer -> issuer.key().isPresent() ? last : Optional.empty());
    }

    private KeyedIssuer issuer(String name) {
        return config.issuers().all().stream()
                .filter(issuer -> issuer.issuer().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private Sha256 hash(String name) {
        return issuer(name).issuer().certificate().hash();
    }

    private NodeCheckUp.Moment moment(Map<Sha256, JsonObject> tokens, Map<Sha256, JsonArray> files) {
        return new NodeCheckUp.Moment(
                NOW,
                Optional.of(issuer("ca.json").issuer()),
                Optional.empty(),
                Optional.of(NOW.plusSeconds(86_400)),
                tokens,
                files);
    }

    private static JsonArray findings(String check) {
        return FindingList.json(List.of(new Finding(check, Status.FAILED, "it is broken", "mend it")));
    }

    private static JsonObject token() {
        JsonObject attributes = new JsonObject();
        for (String name : List.of(
                "CKA_SENSITIVE",
                "CKA_EXTRACTABLE",
                "CKA_ALWAYS_SENSITIVE",
                "CKA_NEVER_EXTRACTABLE",
                "CKA_LOCAL",
                "CKA_WRAP_WITH_TRUSTED",
                "CKA_SIGN")) {
            attributes.put(name, true);
        }
        return new JsonObject()
                .put("label", "t")
                .put("serial", "4711")
                .put("model", "a model")
                .put("firmware", "1.0")
                .put("library", "2.0")
                .put("attributes", attributes)
                .put("signaturesAtOnce", 8)
                .put("sessionLimit", 0)
                .put("sessionsOpen", -1)
                .put("mechanisms", new JsonArray().add("CKM_ECDSA"))
                .put("signing", new JsonArray().add("CKM_ECDSA"))
                .put(OwnTokens.FINDINGS, findings("pin-state"));
    }

    private List<String> said(String issuer, NodeCheckUp.Moment moment) {
        return checkUp().of(config, moment).getJsonArray("issuers").stream()
                .map(JsonObject.class::cast)
                .filter(each -> each.getString("name").equals(issuer))
                .flatMap(each -> FindingList.read(each.getJsonArray("findings")).stream())
                .map(finding -> finding.status() + " " + finding.check())
                .toList();
    }

    /** With what differs from one run to the next written out, as the cluster's doctor could read it. */
    private String named(JsonObject says) {
        String text = says.encodePrettily();
        String[] hashes = {"ca.json", "two", "three"};
        for (int i = 0; i < hashes.length; i++) {
            text = text.replace(
                            hash(hashes[i]).hex(),
                            String.valueOf((char) ('a' + i)).repeat(64))
                    .replace(
                            issuer(hashes[i]).issuer().keyId().value(),
                            String.valueOf(i + 1).repeat(32));
        }
        return text.replace(config.files().whoGetsWhat().hex(), "f".repeat(64))
                .replaceAll("\"endSeconds\" : \\d+", "\"endSeconds\" : 1826193600");
    }

    /** What is in it stays in it: nodes of neighbouring versions compare what they say. More may come to it. */
    @Test
    void what_a_node_says_of_itself_has_its_golden_text() throws Exception {
        JsonObject says = checkUp()
                .of(
                        config,
                        moment(
                                Map.of(hash("two"), token()),
                                Map.of(
                                        hash("two"), findings("pin-file"),
                                        hash("ca.json"), findings("chain-to-root"),
                                        hash("three"), findings("chain-to-root"))));
        try (InputStream golden = NodeCheckUpTest.class.getResourceAsStream("/wire/v1/check-up.json")) {
            assertThat(named(says))
                    .isEqualTo(
                            new String(Objects.requireNonNull(golden).readAllBytes(), StandardCharsets.UTF_8).strip());
        }
    }

    @Test
    void what_was_found_of_files_and_token_and_signer_is_told_with_the_issuer() {
        NodeCheckUp.Moment moment =
                moment(Map.of(hash("two"), token()), Map.of(hash("three"), findings("chain-to-root")));
        assertThat(said("two", moment)).containsExactly("OK test-signature", "FAILED pin-state");
        assertThat(said("ca.json", moment)).containsExactly("OK test-signature");
        assertThat(said("three", moment)).containsExactly("FAILED chain-to-root");
    }

    @Test
    void a_refused_PIN_is_told_of_the_token_alone_and_what_its_flags_say_makes_no_token_of_it() {
        status = new KeyStatus(KeyState.PIN_REFUSED, "it refused this PIN before", 1, 0, 0, 0);
        last = Optional.empty();
        NodeCheckUp.Moment moment =
                moment(Map.of(hash("two"), new JsonObject().put(OwnTokens.FINDINGS, findings("pin-state"))), Map.of());
        assertThat(said("two", moment))
                .containsExactly("FAILED pin-accepted", "SKIPPED test-signature", "FAILED pin-state");
        assertThat(said("ca.json", moment)).containsExactly("SKIPPED test-signature");
        assertThat(checkUp().of(config, moment).getJsonArray("issuers").stream()
                        .map(JsonObject.class::cast)
                        .map(issuer -> issuer.getValue("token")))
                .containsOnlyNulls();
    }

    @Test
    void a_token_is_looked_at_while_its_key_signs_or_its_PIN_is_refused() {
        for (KeyState state : KeyState.values()) {
            status = new KeyStatus(state, "", 0, 0, 0, 0);
            List<OwnTokens.Place> places = checkUp().tokens(config);
            if (state == KeyState.READY || state == KeyState.PIN_REFUSED) {
                assertThat(places).as("%s", state).singleElement().satisfies(place -> {
                    assertThat(place.certificate()).isEqualTo(hash("two"));
                    assertThat(place.signs()).isEqualTo(state == KeyState.READY);
                });
            } else {
                assertThat(places).as("%s", state).isEmpty();
            }
        }
    }

    @Test
    void the_chain_of_every_issuer_is_looked_at_and_the_PIN_file_of_those_on_a_token_here() {
        assertThat(checkUp().files(config, NOW)).allSatisfy(place -> {
            assertThat(place.pin().isPresent()).isEqualTo(place.certificate().equals(hash("two")));
            assertThat(place.trust().roots()).isEqualTo(config.roots());
        });
        assertThat(checkUp().files(config, NOW))
                .extracting(OwnFiles.Place::certificate)
                .containsExactlyInAnyOrder(hash("ca.json"), hash("two"), hash("three"));
    }
}
