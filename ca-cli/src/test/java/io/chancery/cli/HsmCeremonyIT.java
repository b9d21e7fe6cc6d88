package io.chancery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.crypto.SignatureScheme;
import io.chancery.softhsm.Pkcs11Shim;
import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Ceremonies by written plans, and what their transcripts prove afterwards. */
@ExtendWith(SoftHsmExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class HsmCeremonyIT {
    private static SoftHsmToken token;

    @TempDir
    private Path folder;

    @BeforeAll
    static void tokens(SoftHsmToken given) {
        token = given;
        String pin = "file:" + token.pinFile();
        assertThat(HsmShell.run(
                                "hsm",
                                "init-token",
                                "--module=" + token.modulePath(),
                                "--label=roots",
                                "--pin=" + pin,
                                "--so-pin=" + pin)
                        .exitCode())
                .isZero();
    }

    @BeforeEach
    void people() throws Exception {
        for (String name : new String[] {"alice", "bob"}) {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            KeyPair pair = generator.generateKeyPair();
            write(name + ".pub", "PUBLIC KEY", pair.getPublic().getEncoded());
            write(name + ".key", "PRIVATE KEY", pair.getPrivate().getEncoded());
        }
    }

    private void write(String name, String type, byte[] der) throws Exception {
        Files.writeString(
                folder.resolve(name),
                "-----BEGIN " + type + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + type
                        + "-----\n");
    }

    private String kms(String label, String object) {
        return "pkcs11:module-path=" + token.modulePath() + ";token=" + label + ";object=" + object + "?pin-source="
                + token.pinFile();
    }

    private Path plan(String authorities) throws Exception {
        return Files.writeString(
                folder.resolve("plan.yaml"),
                "title: Test PKI\npeople:\n- {name: alice, key: alice.pub}\n- {name: bob, key: bob.pub}\nauthorities:\n"
                        + authorities);
    }

    private String root(String object, String backup) {
        return "- name: root\n  kms: " + kms("roots", object) + "\n  algorithm: ec-p384\n  backup: " + backup
                + "\n  subject: CN=Ceremony Root,O=Example\n  validity: 7300d\n  pathLength: 1\n";
    }

    private String issuing(String object, String backup) {
        return "- name: issuing\n  issuer: root\n  kms: " + kms(token.label(), object)
                + "\n  algorithm: ec-p256\n  backup: " + backup
                + "\n  subject: CN=Ceremony Issuing\n  validity: 3650d\n  permit: [\"dns:example.com\"]\n";
    }

    private HsmShell.Result ceremony(Path plan, String typed, String out) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)));
        try {
            return HsmShell.run(
                    "hsm",
                    "ceremony",
                    plan.toString(),
                    "--out",
                    folder.resolve(out).toString(),
                    "--confirm",
                    "alice=" + folder.resolve("alice.key"),
                    "--confirm",
                    "bob=" + folder.resolve("bob.key"));
        } finally {
            System.setIn(before);
        }
    }

    private HsmShell.Result verify(Path transcript, String... more) {
        String[] words = new String[3 + more.length];
        words[0] = "hsm";
        words[1] = "verify";
        words[2] = transcript.toString();
        System.arraycopy(more, 0, words, 3, more.length);
        return HsmShell.run(words);
    }

    private void assertForged(Path transcript, Consumer<JsonObject> change, String problem) throws Exception {
        JsonObject forged = new JsonObject(Files.readString(transcript));
        change.accept(forged);
        Path file = Files.writeString(transcript.resolveSibling("forged.json"), forged.encode());
        HsmShell.Result result = verify(file);
        assertThat(result.exitCode()).as(problem).isEqualTo(1);
        assertThat(result.out()).contains(problem);
    }

    private static X509Certificate certificate(Path file) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(file)));
    }

    private static JsonArray confirmations(JsonObject transcript, int step) {
        return transcript.getJsonArray("steps").getJsonObject(step).getJsonArray("confirmations");
    }

    @Test
    void a_root_and_an_intermediate_on_two_tokens_with_backups_and_a_transcript_that_nobody_can_change()
            throws Exception {
        HsmShell.Result done = ceremony(
                plan(root("root-1", "shares 2 of 3")
                        + issuing("issuing-1", "clone")
                        + "  crlUrls: [\"http://ca.example/root.crl\"]\n"),
                "yes\n".repeat(12),
                "out");
        assertThat(done.exitCode()).as(done.err()).isZero();
        Path out = folder.resolve("out");
        X509Certificate root = certificate(out.resolve("root.crt"));
        X509Certificate issuing = certificate(out.resolve("issuing.crt"));
        root.verify(root.getPublicKey());
        issuing.verify(root.getPublicKey());
        assertThat(issuing.getCriticalExtensionOIDs()).contains("2.5.29.30");
        assertThat(issuing.getNonCriticalExtensionOIDs()).contains("2.5.29.31");
        assertThat(done.err())
                .contains(
                        "name constraints: permitted [dns:example.com]",
                        "path length: 1",
                        "revocation list at: http://ca.example/root.crl");
        assertThat(out.resolve("root-shares/share-3")).exists();
        assertThat(out.resolve("issuing-clone/tokens")).isDirectory();

        Path transcript = out.resolve("transcript.json");
        HsmShell.Result verified = verify(
                transcript,
                "--person=alice=" + folder.resolve("alice.pub"),
                "--person=bob=" + folder.resolve("bob.pub"),
                "--kms=" + kms("roots", "root-1"));
        assertThat(verified.exitCode()).as(verified.out()).isZero();
        assertThat(verified.err()).contains("on the token: root");
        JsonObject key = new JsonObject(Files.readString(transcript))
                .getJsonArray("steps")
                .getJsonObject(0)
                .getJsonObject("result");
        assertThat(key.getBoolean("imported")).as("a key with shares").isTrue();
        assertThat(key.getString("backup")).isEqualTo("shares 2 of 3");
        assertThat(verify(transcript, "--person=alice=" + folder.resolve("bob.pub"))
                        .out())
                .contains("the key of alice is not the one that was expected");

        assertForged(transcript, it -> confirmations(it, 1).remove(0), "1 of 2 needed confirmations");
        assertForged(
                transcript,
                it -> confirmations(it, 1).set(1, confirmations(it, 1).getJsonObject(0)),
                "two signatures are by one key");
        assertForged(
                transcript,
                it -> it.getJsonArray("people")
                        .set(
                                1,
                                it.getJsonArray("people")
                                        .getJsonObject(0)
                                        .copy()
                                        .put("name", "bob")),
                "bob has no key of their own");
        assertForged(
                transcript,
                it -> it.getJsonArray("steps")
                        .getJsonObject(0)
                        .getJsonObject("result")
                        .put("imported", false),
                "step 1: it was changed");
        assertForged(transcript, it -> it.getJsonArray("steps").remove(2), "does not follow from the steps before");
        assertForged(transcript, it -> it.put("plan", it.getString("plan") + "#"), "step 1: what was confirmed");
        assertForged(transcript, it -> it.getJsonArray("steps").remove(5), "was not closed");
        assertForged(transcript, it -> it.remove("people"), "does not have the form");
        Files.delete(out.resolve("root-shares/share-1"));
        assertThat(verify(transcript).exitCode())
                .as("a share that its keeper took")
                .isZero();
        Files.writeString(out.resolve("root-shares/share-2"), Files.readString(out.resolve("root-shares/share-3")));
        assertThat(verify(transcript).out()).contains("step 1: the backup root-shares/share-2 is not the one");
        Files.writeString(out.resolve("issuing-clone/softhsm2.conf"), "");
        assertThat(verify(transcript).out()).contains("step 5: the backup issuing-clone/softhsm2.conf is not the one");
        Files.writeString(out.resolve("root.crt"), Files.readString(out.resolve("issuing.crt")));
        assertThat(verify(transcript).out()).contains("the file root.crt is not the one that was made");
    }

    @Test
    void a_no_ends_the_ceremony_before_the_step_and_its_transcript_is_not_whole() throws Exception {
        HsmShell.Result ended = ceremony(plan(root("root-2", "none")), "yes\nyes\nyes\nno\n", "out");
        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.err()).contains("bob did not confirm");
        assertThat(folder.resolve("out/root.crt")).doesNotExist();
        assertThat(ended.err())
                .contains("cannot be resumed", folder.resolve("out").toString())
                .endsWith("the transcript\n")
                .contains(Files.readString(folder.resolve("out/begin-again.txt")));
        String remove = removal("root-2", ended.err());
        // What it says works, and then the plan can be followed from the beginning.
        assertThat(ceremony(plan(root("root-2", "none")), "yes\n".repeat(6), "again")
                        .err())
                .contains("has a key", "a new key gets a new name", "begin-again.txt");
        assertThat(folder.resolve("again")).as("nothing was begun").doesNotExist();
        assertThat(HsmShell.run(remove.split(" ")).exitCode()).isZero();
        assertThat(ceremony(plan(root("root-2", "none")), "yes\n".repeat(6), "once-more")
                        .exitCode())
                .isZero();
        Path outlived = folder.resolve("once-more/begin-again.txt");
        assertThat(outlived).doesNotExist();
        Files.writeString(outlived, "of before a power cut");
        HsmShell.Result closed = verify(folder.resolve("once-more/transcript.json"));
        assertThat(closed.exitCode()).as(closed.out()).isZero();
        assertThat(closed.err()).contains("do not follow it");
        HsmShell.Result late = HsmShell.run(remove.split(" "));
        assertThat(late.exitCode()).as("the key of the later ceremony stays").isNotZero();
        assertThat(HsmShell.run("hsm", "list", "--kms", kms("roots", "root-2")).out())
                .contains("root-2");
        HsmShell.Result verified = verify(folder.resolve("out/transcript.json"));
        assertThat(verified.exitCode()).isEqualTo(1);
        assertThat(verified.out()).contains("was not closed").doesNotContain("step 1");
    }

    /** The command that deletes the key, as words for the shell's place in this process. */
    private static String removal(String object, String lines) {
        return lines.lines()
                .filter(line -> line.contains("the key " + object + ", if it is there: "))
                .map(line -> line.substring(line.indexOf("hsm delete"), line.indexOf("--force") + "--force".length()))
                .map(command -> command.replace("'", ""))
                .findFirst()
                .orElseThrow(() -> new AssertionError(lines));
    }

    @Test
    void a_root_signs_with_the_algorithm_of_the_plan_and_people_see_it_before_they_confirm() throws Exception {
        String rsa = root("root-pss", "none").replace("ec-p384", "rsa-3072\n  signatureAlgorithm: SHA512-RSAPSS");
        HsmShell.Result done = ceremony(plan(rsa + issuing("issuing-pss", "none")), "yes\n".repeat(10), "out");
        assertThat(done.exitCode()).as(done.err()).isZero();
        assertThat(done.err()).contains("signature algorithm: SHA512-RSAPSS");
        X509Certificate root = certificate(folder.resolve("out/root.crt"));
        X509Certificate issuing = certificate(folder.resolve("out/issuing.crt"));
        issuing.verify(root.getPublicKey());
        assertThat(SignatureScheme.of(root)).contains(SignatureScheme.RSA_PSS_SHA512);
        assertThat(SignatureScheme.of(issuing)).contains(SignatureScheme.RSA_PSS_SHA512);
        assertThat(verify(folder.resolve("out/transcript.json")).exitCode()).isZero();
    }

    @Test
    void what_a_later_step_would_meet_is_said_before_the_first_key_is_made() throws Exception {
        String below = """
                - name: issuing
                  issuer: root
                  request: none.csr
                  subject: CN=Ceremony Issuing
                  validity: 3650d
                """;
        HsmShell.Result unread = ceremony(plan(root("root-8", "none") + below), "yes\n".repeat(8), "out");
        assertThat(unread.err()).contains("cannot read").doesNotContain("make the key");
        try (Pkcs11Shim shim = Pkcs11Shim.around(token.modulePath())) {
            shim.tellNoSigning(0xd); // CKM_RSA_PKCS_PSS
            String pss = issuing("issuing-8", "none")
                    .replace(token.modulePath().toString(), shim.modulePath().toString())
                    .replace("ec-p256", "rsa-2048\n  signatureAlgorithm: SHA256-RSAPSS");
            HsmShell.Result unable = ceremony(plan(root("root-8", "none") + pss), "yes\n".repeat(8), "out");
            assertThat(unable.err()).contains("cannot sign with SHA256-RSAPSS").doesNotContain("make the key");
            shim.well();
            shim.tellNoSigning(0x1041); // CKM_ECDSA
            String plain = issuing("issuing-8", "none")
                    .replace(token.modulePath().toString(), shim.modulePath().toString());
            HsmShell.Result silent = ceremony(plan(root("root-8", "none") + plain), "yes\n".repeat(8), "out");
            assertThat(silent.err()).contains("cannot sign with ECDSA-SHA256").doesNotContain("make the key");
        }
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void somebody_elses_key_confirms_nothing() throws Exception {
        Files.copy(
                folder.resolve("alice.key"),
                folder.resolve("bob.key"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        HsmShell.Result ended = ceremony(plan(root("root-3", "none")), "yes\nyes\n", "out");
        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.err()).contains("the signature for bob is not by the key that the plan names");
        assertThat(folder.resolve("out/transcript.json")).doesNotExist();
    }

    @Test
    @Tag("long")
    void an_offline_root_gets_a_request_and_gives_a_certificate() throws Exception {
        String online = issuing("issuing-4", "none").replace("issuer: root", "issuer: elsewhere");
        assertThat(ceremony(plan(online), "yes\n".repeat(6), "online").exitCode())
                .isZero();
        String below = """
                - name: issuing
                  issuer: root
                  request: online/issuing.csr
                  subject: CN=Ceremony Issuing
                  validity: 3650d
                """;
        HsmShell.Result offline = ceremony(plan(root("root-4", "none") + below), "yes\n".repeat(8), "offline");
        assertThat(offline.exitCode()).as(offline.err()).isZero();
        HsmShell.Result imported = HsmShell.run(
                "hsm",
                "import-cert",
                "--kms",
                kms(token.label(), "issuing-4"),
                folder.resolve("offline/issuing.crt").toString());
        assertThat(imported.exitCode()).as(imported.err()).isZero();
        assertThat(verify(folder.resolve("online/transcript.json"), "--kms=" + kms(token.label(), "issuing-4"))
                        .exitCode())
                .isZero();
        assertThat(certificate(folder.resolve("offline/issuing.crt"))
                        .getIssuerX500Principal()
                        .getName())
                .contains("Ceremony Root");
    }

    @Test
    void a_root_beside_what_it_issues_is_refused_unless_the_plan_says_so() throws Exception {
        String beside = issuing("issuing-5", "none").replace("token=" + token.label(), "token=roots");
        Path plan = plan(root("root-5", "none") + beside);
        HsmShell.Result refused = ceremony(plan, "yes\n".repeat(12), "out");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("on one token", "sameToken: allowed");
    }

    @Test
    void somebody_confirms_with_a_key_on_a_token_and_somebody_with_a_signature_made_elsewhere() throws Exception {
        String own = kms(token.label(), "alices-own");
        assertThat(HsmShell.run("hsm", "keygen", "--kms", own).exitCode()).isZero();
        String crt = HsmShell.run("hsm", "selfsign", "--kms", own, "--subject", "Alice")
                .out();
        X509Certificate alice = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(crt.getBytes(StandardCharsets.US_ASCII)));
        write("alice.pub", "PUBLIC KEY", alice.getPublicKey().getEncoded());
        Path plan = plan(root("root-6", "none"));
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream("yes\nAAAA\n".getBytes(StandardCharsets.UTF_8)));
        try {
            HsmShell.Result ended = HsmShell.run(
                    "hsm",
                    "ceremony",
                    plan.toString(),
                    "--out",
                    folder.resolve("out").toString(),
                    "--confirm",
                    "alice=" + own);
            // Alice's token signed; what was typed for Bob is no signature of his.
            assertThat(ended.err()).contains("the signature for bob is not by the key", "to-confirm.txt");
            assertThat(folder.resolve("out/to-confirm.txt")).content().contains("make the key of root");
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void every_mistake_of_a_plan_is_named_before_anything_is_done() throws Exception {
        Path plan = Files.writeString(folder.resolve("plan.yaml"), """
                title: X
                wrong: 1
                confirmations: 3
                people:
                - {name: alice, key: alice.pub}
                - {name: Bob, key: alice.pub}
                authorities:
                - name: root
                  kms: pkcs11:token=x
                  algorithm: dsa
                  signatureAlgorithm: SHA256-RSAPSS
                  backup: paper
                  subject: CN=X
                  validity: always
                  crlUrls: ["http://ca.example/crl"]
                - name: low
                  issuer: nobody
                  request: a.csr
                  signatureAlgorithm: Ed25519
                  subject: CN=Y
                  validity: 1h
                  permit: [example.com]
                  crlUrls: [crl]
                """);
        HsmShell.Result result = HsmShell.run("hsm", "ceremony", "--check", plan.toString());
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err())
                .contains(
                        "/wrong: found not known",
                        "confirmations: found 3",
                        "people/1/name: found Bob",
                        "a key of their own",
                        "authorities/0/kms",
                        "authorities/0/algorithm",
                        "authorities/0/signatureAlgorithm: found a key of ec-p256 does not sign with SHA256-RSAPSS",
                        "authorities/1/signatureAlgorithm",
                        "authorities/0/backup: found paper",
                        "authorities/0/validity",
                        "authorities/0/crlUrls: found some; allowed: none where there is no issuer",
                        "authorities/1/crlUrls: found \"crl\" is no place of a list",
                        "low/issuer: found nobody",
                        "authorities/1");
        assertThat(HsmShell.run(
                                "hsm",
                                "ceremony",
                                "--check",
                                plan(root("r", "none")).toString())
                        .err())
                .contains("2 of 2 confirm");
        Path broken = Files.writeString(folder.resolve("broken.yaml"), "a: [");
        assertThat(HsmShell.run("hsm", "ceremony", "--check", broken.toString()).exitCode())
                .isEqualTo(2);
    }

    @Test
    void what_would_break_off_the_last_step_is_found_before_the_first() throws Exception {
        new HsmShell(token).done("keygen", "taken");
        foundAhead(root("root-ahead", "none") + issuing("taken", "none"), "object=taken already");
        Path wrong = Files.writeString(folder.resolve("wrong-pin"), "000000");
        foundAhead(
                root("root-ahead", "none")
                        + issuing("issuing-ahead", "none")
                                .replace(token.pinFile().toString(), wrong.toString()),
                "CKR_PIN_INCORRECT");
        foundAhead(
                "cloneTool: " + folder.resolve("alice.key") + "\n",
                root("root-ahead", "none") + issuing("issuing-ahead", "clone"),
                "no program that can be run");
        HsmShell.Result list = HsmShell.run("hsm", "list", "--kms", kms("roots", "any"));
        assertThat(list.out()).as("nothing was made").doesNotContain("root-ahead");
    }

    @Test
    void a_certificate_that_would_break_a_rule_is_found_by_the_check_and_before_a_key_is_made() throws Exception {
        String root = root("root-rules", "shares 2 of 3");
        String issuing = issuing("issuing-rules", "none");
        brokenRule(root + issuing.replace("3650d", "7300d"), "issuing: validity", "valid when its issuer is not");
        brokenRule(root.replace("pathLength: 1", "pathLength: 0") + issuing, "issuing: basicConstraints");
        brokenRule(root + issuing + "  pathLength: 1\n", "issuing: basicConstraints");
        brokenRule(
                issuing.replace("issuer: root", "issuer: elsewhere")
                        + issuing.replace("issuing", "below").replace("issuer: root", "issuer: issuing"),
                "below: its issuer issuing has no certificate in this ceremony");
        assertThat(HsmShell.run("hsm", "list", "--kms", kms("roots", "any")).out())
                .as("nothing was made")
                .doesNotContain("root-rules");
    }

    private void brokenRule(String authorities, String... texts) throws Exception {
        Path plan = plan(authorities);
        HsmShell.Result checked = HsmShell.run("hsm", "ceremony", "--check", plan.toString());
        HsmShell.Result followed = ceremony(plan, "yes\n".repeat(12), "broken");
        for (HsmShell.Result result : new HsmShell.Result[] {checked, followed}) {
            assertThat(result.exitCode()).as(result.err()).isEqualTo(2);
            assertThat(result.err()).contains("the plan cannot be followed").contains(texts);
        }
        assertThat(folder.resolve("broken")).doesNotExist();
    }

    @Test
    void what_has_become_of_a_key_since_its_ceremony_is_found_on_its_token() throws Exception {
        assertThat(ceremony(plan(root("root-changed", "none")), "yes\n".repeat(6), "changed")
                        .exitCode())
                .isZero();
        Path transcript = folder.resolve("changed/transcript.json");
        String place = "--kms=" + kms("roots", "root-changed");
        assertThat(verify(transcript, place).exitCode()).isZero();
        String id = new JsonObject(Files.readString(transcript))
                .getJsonArray("steps")
                .getJsonObject(0)
                .getJsonObject("result")
                .getString("id");
        onRoots("--delete-object", "--type", "cert", "--id", id);
        HsmShell.Result bare = verify(transcript, place);
        assertThat(bare.exitCode()).isEqualTo(1);
        assertThat(bare.out())
                .contains("step 1: the key of root does not have its certificate beside it on the token")
                .doesNotContain("another one", "other attributes");
        onRoots("--delete-object", "--type", "privkey", "--id", id);
        onRoots("--delete-object", "--type", "pubkey", "--id", id);
        onRoots("--keypairgen", "--key-type", "EC:secp384r1", "--label", "root-changed", "--id", id, "--extractable");
        HsmShell.Result other = verify(transcript, place);
        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.out())
                .contains("step 1: the key of root is another one now", "the key of root has other attributes now");
        onRoots("--delete-object", "--type", "privkey", "--id", id);
        assertThat(verify(transcript, place).out()).as("no key at all").contains("step 1: no private key fits");
    }

    /** By other tools, as somebody does who is at the token. */
    private static void onRoots(String... arguments) throws Exception {
        String[] words = new String[8 + arguments.length];
        System.arraycopy(
                new String[] {
                    "pkcs11-tool",
                    "--module",
                    token.modulePath().toString(),
                    "--token-label",
                    "roots",
                    "--login",
                    "--pin",
                    token.pin()
                },
                0,
                words,
                0,
                8);
        System.arraycopy(arguments, 0, words, 8, arguments.length);
        String unused = token.run(words);
    }

    private void foundAhead(String authorities, String text) throws Exception {
        foundAhead("", authorities, text);
    }

    private void foundAhead(String head, String authorities, String text) throws Exception {
        Path plan = plan(authorities);
        Files.writeString(plan, head + Files.readString(plan));
        HsmShell.Result result = ceremony(plan, "", "ahead");
        assertThat(result.exitCode()).as(result.err()).isNotZero();
        assertThat(result.err()).contains(text).doesNotContain("make the key of root");
        assertThat(folder.resolve("ahead")).doesNotExist();
    }
}
