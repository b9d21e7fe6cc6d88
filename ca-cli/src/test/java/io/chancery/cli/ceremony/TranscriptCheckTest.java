package io.chancery.cli.ceremony;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.cli.ProcessEnd;
import io.chancery.cli.Surroundings;
import io.chancery.cli.hsm.PemFiles;
import io.chancery.core.certificate.CaIssuer;
import io.chancery.core.certificate.CaNames;
import io.chancery.core.certificate.CaTemplate;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.signer.admin.KeyAttributes;
import io.chancery.testing.MutableInstantSource;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.bouncycastle.asn1.x500.X500Name;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Transcripts as anybody could write them, with hashes that are right. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class TranscriptCheckTest {
    private static final Map<String, KeyPair> KEYS = new LinkedHashMap<>();
    private static final String PEOPLE = """
            title: Test PKI
            people:
            - {name: alice, key: alice.pub}
            - {name: bob, key: bob.pub}
            - {name: carol, key: carol.pub}
            authorities: []
            """;
    private static final String PLAN = PEOPLE + "confirmations: 2\n";

    @TempDir
    private Path folder;

    private final List<String> confirmed = new ArrayList<>();

    @BeforeAll
    static void keys() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        for (String name : List.of("alice", "bob", "carol")) {
            KEYS.put(name, generator.generateKeyPair());
        }
    }

    private static CeremonyPlan plan(String text, int needed, String... names) {
        List<CeremonyPlan.Person> people = new ArrayList<>();
        for (String name : names) {
            people.add(new CeremonyPlan.Person(name, KEYS.get(name).getPublic()));
        }
        return new CeremonyPlan("Test PKI", text, people, needed, false, Optional.empty(), List.of());
    }

    private static byte[] signature(String name, String text) {
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(KEYS.get(name).getPrivate());
            signature.update(text.getBytes(StandardCharsets.UTF_8));
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Nothing but the closing step. */
    private void hold(CeremonyPlan plan, Confirming confirming) throws Exception {
        PrintStream nowhere = new PrintStream(PrintStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        new Ceremony(
                        plan,
                        folder,
                        confirming,
                        new Surroundings(
                                nowhere,
                                nowhere,
                                new MutableInstantSource(Instant.parse("2026-06-01T12:00:00Z")),
                                new SecureRandom(),
                                new ProcessEnd()))
                .run();
    }

    /** As many as are needed, of those whom the plan has, sign. */
    private void hold(CeremonyPlan plan) throws Exception {
        hold(plan, (person, text) -> Optional.of(signature(person.name(), text)));
    }

    private List<String> problems(String... trusted) throws Exception {
        Map<String, PublicKey> keys = new LinkedHashMap<>();
        for (String name : trusted) {
            keys.put(name, KEYS.get(name).getPublic());
        }
        return TranscriptCheck.problems(folder.resolve(Transcript.FILE), keys, confirmed);
    }

    /** A closing step that nobody signed. */
    private void unsigned(CeremonyPlan plan) throws Exception {
        Transcript transcript = new Transcript(plan, folder);
        transcript.done(
                Transcript.CLOSING,
                transcript.intent(Transcript.CLOSING, Map.of()),
                new JsonArray(),
                new JsonObject(),
                "2026-06-01T12:00:00Z");
    }

    @Test
    void what_enough_people_confirmed_is_whole_and_says_who() throws Exception {
        hold(plan(PLAN, 2, "alice", "bob", "carol"));
        assertThat(problems("alice", "bob", "carol")).isEmpty();
        assertThat(confirmed).containsExactly("2 of 3 confirmed: alice, bob");
        hold(plan(PEOPLE, 3, "alice", "bob", "carol"));
        assertThat(problems()).isEmpty();
    }

    @Test
    void that_no_confirmation_is_needed_is_nobodys_to_say() throws Exception {
        for (int needed : new int[] {0, -1}) {
            unsigned(plan(PLAN, needed, "alice", "bob", "carol"));
            assertThat(problems("alice", "bob", "carol"))
                    .contains(
                            "needed: " + needed + " of 3 people cannot confirm a ceremony",
                            "needed: the plan wants 2 confirmations of each step, not " + needed);
        }
        unsigned(plan(PLAN.replace("confirmations: 2", "confirmations: 0"), 0, "alice", "bob", "carol"));
        assertThat(problems("alice", "bob", "carol"))
                .containsExactly("needed: 0 of 3 people cannot confirm a ceremony");
    }

    @Test
    void a_transcript_without_those_who_were_expected_is_not_theirs() throws Exception {
        unsigned(plan("title: Test PKI\npeople: []\nconfirmations: 0\n", 0));
        assertThat(problems("alice"))
                .containsExactly(
                        "people: alice was expected, and is not among them",
                        "needed: 0 of 0 people cannot confirm a ceremony");
        hold(plan("title: Test PKI\npeople:\n- {name: bob, key: bob.pub}\n", 1, "bob"));
        assertThat(problems("alice", "bob")).containsExactly("people: alice was expected, and is not among them");
    }

    @Test
    void fewer_confirmations_or_other_people_than_the_plan_names_are_told() throws Exception {
        hold(plan(PLAN, 1, "alice", "bob", "carol"));
        assertThat(problems("alice", "bob", "carol"))
                .containsExactly("needed: the plan wants 2 confirmations of each step, not 1");
        hold(plan(PLAN, 2, "alice", "bob"));
        assertThat(problems("alice", "bob"))
                .containsExactly("people: the plan names alice, bob, carol, the transcript alice, bob");
        hold(plan("a: [", 2, "alice", "bob"));
        assertThat(problems()).containsExactly("the transcript does not have the form of one");
    }

    @Test
    void what_stands_outside_of_every_signature_is_held_against_what_was_signed() throws Exception {
        hold(plan(PLAN, 2, "alice", "bob", "carol"));
        Path file = folder.resolve(Transcript.FILE);
        JsonObject whole = new JsonObject(Files.readString(file));
        Files.writeString(file, whole.copy().put("title", "Another").encode());
        assertThat(problems()).contains("title: it is not the plan's, Test PKI");

        JsonObject added = whole.copy();
        JsonObject closing = added.getJsonArray("steps").getJsonObject(0);
        closing.getJsonObject("result").put("note", "approved");
        closing.put("hash", Transcript.hash(Transcript.previousIn(closing.getString("intent")), closing));
        Files.writeString(file, added.encode());
        assertThat(problems()).containsExactly("step 1: the closing step has a result, which nobody has confirmed");
    }

    /** What a ceremony may record of a step. */
    private record Step(String what, Map<String, String> facts, JsonObject result) {}

    private void recorded(Map<String, String> facts, JsonObject result) throws Exception {
        recorded(PLAN, List.of(new Step("work", facts, result)));
    }

    /** Steps that all confirmed, and the closing one, recorded by somebody who did something else. */
    private void recorded(String planText, List<Step> done) throws Exception {
        CeremonyPlan plan = plan(planText, 2, "alice", "bob", "carol");
        Transcript transcript = new Transcript(plan, folder);
        List<Step> steps = new ArrayList<>(done);
        steps.add(new Step(Transcript.CLOSING, Map.of("confirmed", "all"), new JsonObject()));
        for (Step step : steps) {
            String intent = transcript.intent(step.what(), step.facts());
            JsonArray signed = new JsonArray();
            for (String name : List.of("alice", "bob")) {
                signed.add(new JsonObject()
                        .put("person", name)
                        .put("signature", Base64.getEncoder().encodeToString(signature(name, intent))));
            }
            transcript.done(step.what(), intent, signed, step.result(), "2026-06-01T12:00:00Z");
        }
    }

    /** But for those of the steps' being none of the plan. */
    private List<String> found() throws Exception {
        return problems().stream()
                .filter(problem -> !problem.contains("the plan has no such step"))
                .toList();
    }

    private static CaTemplate template(KeyPair key) {
        X500Name name = new X500Name("CN=Test Root");
        Instant now = Instant.parse("2026-06-01T12:00:00Z");
        return new CaTemplate(
                name,
                key.getPublic(),
                CaIssuer.itself(name, key.getPublic()),
                BigInteger.TEN,
                now,
                now.plusSeconds(3600),
                OptionalInt.of(0),
                Optional.empty());
    }

    private static X509Certificate certificate(CaTemplate template, KeyPair issuer) throws Exception {
        Signature signer = Signature.getInstance("SHA256withECDSA");
        signer.initSign(issuer.getPrivate());
        signer.update(template.tbs().bytes());
        return template.certificate(template.tbs(), Der.of(signer.sign()));
    }

    private JsonObject kept(String name, String issuer, X509Certificate certificate) throws Exception {
        Files.writeString(folder.resolve(name + ".crt"), PemFiles.pem(certificate));
        return new JsonObject()
                .put("authority", name)
                .put("issuer", issuer)
                .put("file", name + ".crt")
                .put("sha256", Transcript.sha256(PemFiles.pem(certificate)))
                .put(
                        "certificateSha256",
                        Sha256.digest(certificate.getEncoded()).hex());
    }

    private static Map<String, String> with(Map<String, String> facts, String name, String value) {
        Map<String, String> others = new LinkedHashMap<>(facts);
        others.put(name, value);
        return others;
    }

    @Test
    void a_certificate_or_key_other_than_the_confirmed_one_is_told_though_every_hash_is_right() throws Exception {
        KeyPair key = KEYS.get("carol");
        CaTemplate template = template(key);
        JsonObject result = kept("root", "root", certificate(template, key));
        Map<String, String> facts = CertificateFacts.of(template.tbs(), "", true);
        String tbs = Sha256.digest(template.tbs().bytes()).hex();
        recorded(facts, result);
        assertThat(found()).isEmpty();
        recorded(with(facts, "to be signed SHA-256", "00".repeat(32)), result);
        assertThat(found())
                .containsExactly("step 1: to be signed SHA-256 " + "00".repeat(32)
                        + " was confirmed, and it was done with " + tbs);
        recorded(facts, result.copy().put("publicKeySha256", "11"));
        assertThat(found()).containsExactly("step 1: its key is not the one that was made for root");
        recorded(facts, result.copy().put("certificateSha256", "11"));
        assertThat(found()).containsExactly("step 1: the certificate is not the one whose hash was recorded");

        recorded(Map.of("token serial", "A"), new JsonObject().put("tokenSerial", "B"));
        assertThat(found()).containsExactly("step 1: token serial A was confirmed, and it was done with B");
        recorded(Map.of("token", "roots"), new JsonObject().put("tokenLabel", "other"));
        assertThat(found()).containsExactly("step 1: token roots was confirmed, and it was done with other");
        recorded(Map.of("token", "roots"), new JsonObject());
        assertThat(found()).containsExactly("step 1: what it made is not recorded: tokenLabel is missing");
        recorded(Map.of("serial", "1\nno fact"), new JsonObject());
        assertThat(found()).containsExactly("step 1: what was confirmed is not one line a fact");
        recorded(Map.of("subject", "CN=a"), new JsonObject());
        assertThat(found()).contains("step 1: what it made is not recorded: file is missing");
        recorded(
                Map.of("object", "root"), new JsonObject().put("object", "root").put("tokenSerial", "A"));
        assertThat(found()).contains("step 1: what it made is not recorded: publicKeySha256 is missing");
        recorded(Map.of(), new JsonObject().put("backupFiles", new JsonObject().put("../password", "00")));
        assertThat(found()).containsExactly("step 1: it names a file elsewhere");
    }

    private static final String WHOLE = PLAN.replace("authorities: []\n", """
            authorities:
            - {name: root, kms: "pkcs11:a", algorithm: ec-p256, backup: none}
            - {name: low, kms: "pkcs11:b", algorithm: ec-p256, backup: none, issuer: root}
            """);

    private static Step keyStep(String name, PublicKey key) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("algorithm", "ec-p256");
        facts.put("token", "t");
        facts.put("token serial", "1");
        facts.put("object", name);
        facts.put("backup", "none");
        facts.put("made", "on the token");
        JsonObject result = new JsonObject()
                .put("authority", name)
                .put("tokenLabel", "t")
                .put("tokenSerial", "1")
                .put("object", name)
                .put("publicKeySha256", Sha256.digest(key.getEncoded()).hex())
                .put("attributes", attributes(false, true))
                .put("imported", false)
                .put("backup", "none");
        return new Step(KeyStep.what(name), facts, result);
    }

    private static JsonObject attributes(boolean extractable, boolean local) {
        return new JsonObject(new LinkedHashMap<>(
                new KeyAttributes(true, extractable, true, !extractable, local, false, true).asMap()));
    }

    private static CaTemplate below(X509Certificate root) throws Exception {
        Instant now = Instant.parse("2026-06-01T12:00:00Z");
        return new CaTemplate(
                new X500Name("CN=Test Low"),
                KEYS.get("bob").getPublic(),
                CaIssuer.of(root),
                BigInteger.TWO,
                now,
                now.plusSeconds(60),
                OptionalInt.empty(),
                CaNames.constraints(List.of("dns:example.com", "ip:10.0.0.0/8"), List.of()),
                List.of("http://ca.example/root.crl"));
    }

    private static final String CONSTRAINTS = "permitted [dns:example.com, ip:10.0.0.0/8], excluded []";

    /** A root and an intermediate as they should be; with their files. */
    private List<Step> honest() throws Exception {
        KeyPair key = KEYS.get("carol");
        X509Certificate root = certificate(template(key), key);
        CaTemplate low = below(root);
        return new ArrayList<>(List.of(
                keyStep("root", key.getPublic()),
                new Step(
                        CertificateStep.what("root", Optional.empty()),
                        CertificateFacts.of(template(key).tbs(), "", true),
                        kept("root", "root", root)),
                keyStep("low", KEYS.get("bob").getPublic()),
                new Step(
                        CertificateStep.what("low", Optional.of("root")),
                        CertificateFacts.of(low.tbs(), CONSTRAINTS, false),
                        kept("low", "root", certificate(low, key)))));
    }

    @Test
    void every_field_of_a_certificate_that_people_read_is_held_against_it() throws Exception {
        List<Step> steps = honest();
        recorded(WHOLE, steps);
        assertThat(problems()).isEmpty();
        Step last = steps.get(3);
        assertThat(last.facts())
                .containsEntry("name constraints", CONSTRAINTS)
                .containsEntry("revocation list at", "http://ca.example/root.crl")
                .containsEntry("valid", "2026-06-01T12:00:00Z to 2026-06-01T12:01:00Z")
                .containsEntry("path length", "no limit")
                .containsEntry("serial", "2")
                .hasSize(10);
        for (Map.Entry<String, String> fact : last.facts().entrySet()) {
            String done = fact.getKey().equals("name constraints") ? "others" : fact.getValue();
            steps.set(3, new Step(last.what(), with(last.facts(), fact.getKey(), "x"), last.result()));
            recorded(WHOLE, steps);
            assertThat(problems())
                    .containsExactly("step 4: " + fact.getKey() + " x was confirmed, and it was done with " + done);
        }
        Map<String, String> fewer = new LinkedHashMap<>(last.facts());
        fewer.remove("serial");
        steps.set(3, new Step(last.what(), fewer, last.result()));
        recorded(WHOLE, steps);
        assertThat(problems()).containsExactly("step 4: serial 2 was not shown to those who confirmed");
    }

    @Test
    void a_certificate_that_its_issuer_has_not_signed_is_told() throws Exception {
        List<Step> steps = honest();
        KeyPair root = KEYS.get("carol");
        CaTemplate low = below(certificate(template(root), root));
        Step last = steps.get(3);
        steps.set(3, new Step(last.what(), last.facts(), kept("low", "root", certificate(low, KEYS.get("alice")))));
        recorded(WHOLE, steps);
        assertThat(problems()).containsExactly("step 4: the certificate's signature is not by the key of root");
        X509Certificate garbage = template(root).certificate(template(root).tbs(), Der.of(new byte[] {1, 2, 3}));
        steps = honest();
        steps.set(1, new Step(steps.get(1).what(), steps.get(1).facts(), kept("root", "root", garbage)));
        recorded(WHOLE, steps);
        assertThat(problems()).containsExactly("step 2: the certificate's signature is not by the key of root");
        steps = honest();
        steps.get(3).result().put("issuer", "other");
        recorded(WHOLE, steps);
        assertThat(problems())
                .containsExactly(
                        "step 4: issuer root is in the plan, and it was done with other",
                        "step 4: who signed the certificate cannot be told: that of other is not among what was made"
                                + " before");
    }

    @Test
    void a_key_of_another_type_or_origin_than_was_shown_or_a_weak_one_is_told() throws Exception {
        List<Step> steps = honest();
        steps.get(0).facts().put("algorithm", "ec-p384");
        recorded(WHOLE.replaceFirst("ec-p256", "ec-p384"), steps);
        assertThat(problems()).containsExactly("step 2: its key is not of the algorithm ec-p384, which was confirmed");

        steps = honest();
        steps.get(0).result().put("attributes", attributes(false, false)).put("imported", true);
        recorded(WHOLE, steps);
        String imported = "step 1: the key was to be made on the token, and is imported";
        assertThat(problems()).singleElement().asString().startsWith(imported);
        steps.get(0).result().put("imported", false);
        recorded(WHOLE, steps);
        assertThat(problems())
                .as("the token's own word")
                .singleElement()
                .asString()
                .startsWith(imported);

        steps = honest();
        steps.get(2).result().put("attributes", attributes(true, true));
        recorded(WHOLE, steps);
        assertThat(problems()).singleElement().asString().startsWith("step 3: the key is weak: extractable");
    }

    @Test
    void steps_that_are_not_those_of_the_plan_are_told() throws Exception {
        List<Step> steps = honest();
        recorded(WHOLE.replaceFirst("backup: none", "backup: shares 2of3"), steps);
        assertThat(problems())
                .containsExactlyInAnyOrder(
                        "step 1: backup shares 2 of 3 is in the plan, and none was confirmed",
                        "step 1: made outside, and imported: it has shares is in the plan, and on the token was confirmed");
        recorded(WHOLE.replaceFirst("ec-p256", "rsa-4096"), steps);
        assertThat(problems()).containsExactly("step 1: algorithm rsa-4096 is in the plan, and ec-p256 was confirmed");
        recorded(WHOLE.replaceFirst("backup: none", "backup: clone"), steps);
        assertThat(problems()).contains("steps: the plan has one that is not here: copy the token of root");
        recorded(WHOLE, steps.subList(0, 2));
        assertThat(problems())
                .containsExactly(
                        "steps: the plan has one that is not here: make the key of low",
                        "steps: the plan has one that is not here: sign the certificate of low with the key of root");
        recorded(WHOLE.replaceFirst("- .name: low.*\n", ""), steps);
        assertThat(problems())
                .containsExactly(
                        "step 3: the plan has no such step, or not twice: make the key of low",
                        "step 4: the plan has no such step, or not twice: sign the certificate of low with the key of"
                                + " root");
        steps.get(0).result().put("authority", "low");
        recorded(WHOLE, steps);
        assertThat(problems()).contains("step 1: authority root is in the plan, and it was done with low");
    }

    @Test
    void what_people_have_to_be_shown_and_were_not_is_told() throws Exception {
        for (String fact : List.of("token serial", "object", "made", "to be signed SHA-256")) {
            List<Step> steps = honest();
            steps.replaceAll(step -> {
                Map<String, String> facts = new HashMap<>(step.facts());
                facts.remove(fact);
                return new Step(step.what(), facts, step.result());
            });
            recorded(WHOLE, steps);
            assertThat(problems()).as(fact).anyMatch(problem -> problem.contains(fact));
        }
    }

    @Test
    void whoever_is_not_here_is_passed_over_while_enough_are_left() throws Exception {
        CeremonyPlan plan = plan(PLAN, 2, "alice", "bob", "carol");
        hold(
                plan,
                (person, text) ->
                        person.name().equals("alice") ? Optional.empty() : Optional.of(signature(person.name(), text)));
        assertThat(problems("alice", "bob", "carol")).isEmpty();
        assertThat(confirmed).containsExactly("2 of 3 confirmed: bob, carol");

        List<String> asked = new ArrayList<>();
        assertThatThrownBy(() -> hold(plan, (person, text) -> {
                    asked.add(person.name());
                    return Optional.empty();
                }))
                .hasMessageContaining("bob is not here");
        assertThat(asked).containsExactly("alice", "bob");
    }
}
