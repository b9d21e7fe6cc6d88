package io.chancery.cli.ceremony;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.cli.ProcessEnd;
import io.chancery.cli.Surroundings;
import io.chancery.cli.hsm.PemFiles;
import io.chancery.core.certificate.CaIssuer;
import io.chancery.core.certificate.CaTemplate;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
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

    /** A step that all confirmed, and the closing one, recorded by somebody who did something else. */
    private void recorded(Map<String, String> facts, JsonObject result) throws Exception {
        CeremonyPlan plan = plan(PLAN, 2, "alice", "bob", "carol");
        Transcript transcript = new Transcript(plan, folder);
        for (Map.Entry<String, Map<String, String>> step :
                List.of(Map.entry("work", facts), Map.entry(Transcript.CLOSING, Map.of("confirmed", "all")))) {
            String intent = transcript.intent(step.getKey(), step.getValue());
            JsonArray signed = new JsonArray();
            for (String name : List.of("alice", "bob")) {
                signed.add(new JsonObject()
                        .put("person", name)
                        .put("signature", Base64.getEncoder().encodeToString(signature(name, intent))));
            }
            transcript.done(
                    step.getKey(),
                    intent,
                    signed,
                    step.getKey().equals("work") ? result : new JsonObject(),
                    "2026-06-01T12:00:00Z");
        }
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

    @Test
    void a_certificate_or_key_other_than_the_confirmed_one_is_told_though_every_hash_is_right() throws Exception {
        KeyPair key = KEYS.get("carol");
        CaTemplate template = template(key);
        Signature signer = Signature.getInstance("SHA256withECDSA");
        signer.initSign(key.getPrivate());
        signer.update(template.tbs().bytes());
        X509Certificate certificate = template.certificate(template.tbs(), Der.of(signer.sign()));
        Files.writeString(folder.resolve("root.crt"), PemFiles.pem(certificate));
        JsonObject result = new JsonObject()
                .put("authority", "root")
                .put("file", "root.crt")
                .put("sha256", Transcript.sha256(PemFiles.pem(certificate)))
                .put(
                        "certificateSha256",
                        Sha256.digest(certificate.getEncoded()).hex());
        String tbs = Sha256.digest(template.tbs().bytes()).hex();
        recorded(Map.of("to be signed SHA-256", tbs), result);
        assertThat(problems()).isEmpty();
        recorded(Map.of("to be signed SHA-256", "00".repeat(32)), result);
        assertThat(problems())
                .containsExactly("step 1: to be signed SHA-256 " + "00".repeat(32)
                        + " was confirmed, and it was done with " + tbs);
        recorded(Map.of("to be signed SHA-256", tbs), result.copy().put("publicKeySha256", "11"));
        assertThat(problems()).containsExactly("step 1: its key is not the one that was made for root");
        recorded(Map.of("to be signed SHA-256", tbs), result.copy().put("certificateSha256", "11"));
        assertThat(problems()).containsExactly("step 1: the certificate is not the one whose hash was recorded");

        recorded(Map.of("token serial", "A"), new JsonObject().put("tokenSerial", "B"));
        assertThat(problems()).containsExactly("step 1: token serial A was confirmed, and it was done with B");
        recorded(Map.of("token", "roots"), new JsonObject().put("tokenLabel", "other"));
        assertThat(problems()).containsExactly("step 1: token roots was confirmed, and it was done with other");
        recorded(Map.of("token", "roots"), new JsonObject());
        assertThat(problems()).containsExactly("step 1: what it made is not recorded: tokenLabel is missing");
        recorded(Map.of("serial", "1\nno fact"), new JsonObject());
        assertThat(problems()).containsExactly("step 1: what was confirmed is not one line a fact");
        recorded(Map.of("subject", "CN=a"), new JsonObject());
        assertThat(problems()).contains("step 1: what it made is not recorded: file is missing");
        recorded(
                Map.of("object", "root"), new JsonObject().put("object", "root").put("tokenSerial", "A"));
        assertThat(problems()).contains("step 1: what it made is not recorded: publicKeySha256 is missing");
        recorded(Map.of(), new JsonObject().put("backupFiles", new JsonObject().put("../password", "00")));
        assertThat(problems()).containsExactly("step 1: it names a file elsewhere");
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
