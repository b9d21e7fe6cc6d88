package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The drill "Suspected compromise" of docs/hsm.md: somebody has a copy of the issuing key, and signs with it; or of the
 * root's.
 */
@Tag("long")
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class CompromisedIssuerIT {
    /** OpenSSL takes a list for certificates that name the same place. */
    private static final String LIST = "http://ca.example/crl";

    @TempDir
    private Path folder;

    private StepPki pki;
    private HsmTokens tokens;
    private Path stolen;

    @BeforeEach
    void an_issuer_whose_key_existed_outside() throws Exception {
        pki = StepPki.init(folder);
        tokens = HsmTokens.beside(pki);
        tokens.init("root");
        tokens.hsm("keygen", "--kms", tokens.kms("root", "root"), "--algorithm", "ec-p384")
                .succeeded();
        Path root = tokens.pem(
                "root.crt",
                "selfsign",
                "--kms",
                tokens.kms("root", "root"),
                "--subject",
                "CN=Root CA",
                "--path-length=1",
                "--validity=7300d");
        Files.copy(root, pki.root(), StandardCopyOption.REPLACE_EXISTING);
        pki.set("crl", Map.of("enabled", true, "generateOnRevoke", true, "idpURL", LIST));
        pki.configure(Map.of("certificates", Map.of("crlUrls", List.of(LIST))));
        stolen = pki.file("stolen.key");
        pki.step("crypto", "keypair", "stolen.pub", stolen.toString(), "--no-password", "--insecure")
                .succeeded();
        tokens.init("old");
        tokens.hsm("import", "--kms", tokens.kms("old", "old"), stolen.toString())
                .succeeded();
        certify("old");
        tokens.issueWith("old", "old", pki.file("old.crt"));
    }

    private void certify(String name) throws Exception {
        Path csr = tokens.pem(name + ".csr", "csr", "--kms", tokens.kms(name, name), "--subject", "CN=Issuing " + name);
        Path made = tokens.pem(name + ".crt", "sign-intermediate", "--kms", tokens.kms("root", "root"), csr.toString());
        tokens.hsm("import-cert", "--kms", tokens.kms(name, name), made.toString())
                .succeeded();
    }

    private void step(String... words) throws Exception {
        pki.step(words).succeeded();
    }

    /** As rotation.md has it. */
    private String keyId(Path certificate) throws Exception {
        String command = "openssl x509 -in " + certificate + " -noout -pubkey"
                + " | openssl pkey -pubin -outform DER | sha256sum | cut -c -32";
        return Commands.run(folder, Map.of(), "sh", "-c", command)
                .succeeded()
                .output()
                .strip();
    }

    private void giveUp(Path... certificates) throws Exception {
        List<String> keys = new ArrayList<>();
        for (Path each : certificates) {
            keys.add(keyId(each));
        }
        pki.configure(Map.of("certificates", Map.of("crlUrls", List.of(LIST)), "abandonedIssuers", keys));
    }

    /** The forged one, with this above it in place of the issuer's certificate. */
    private void forgeUnder(String name, String abovePem) throws Exception {
        forge(name);
        String bundle = StepPki.text(pki.file(name + ".crt"));
        String leaf = bundle.substring(0, bundle.indexOf("-----BEGIN", 1));
        Files.writeString(pki.file(name + ".crt"), leaf + abovePem, StandardCharsets.US_ASCII);
    }

    /** The issuer's certificate with n - s in place of s in the root's signature, which verifies as well. */
    private String twin() throws Exception {
        ECPublicKey root =
                (ECPublicKey) ApiClient.certificate(StepPki.text(pki.root())).getPublicKey();
        X509Certificate old = ApiClient.certificate(StepPki.text(pki.file("old.crt")));
        ASN1Sequence signature = ASN1Sequence.getInstance(old.getSignature());
        BigInteger s = ASN1Integer.getInstance(signature.getObjectAt(1)).getValue();
        DERSequence other = new DERSequence(new ASN1Encodable[] {
            signature.getObjectAt(0),
            new ASN1Integer(root.getParams().getOrder().subtract(s))
        });
        ASN1Sequence all = ASN1Sequence.getInstance(old.getEncoded());
        byte[] der = new DERSequence(new ASN1Encodable[] {
                    all.getObjectAt(0), all.getObjectAt(1), new DERBitString(other.getEncoded())
                })
                .getEncoded();
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END CERTIFICATE-----\n";
    }

    private void revoke(Path issuer) throws Exception {
        String serial =
                ApiClient.certificate(StepPki.text(issuer)).getSerialNumber().toString();
        String token = pki.step(
                        "ca",
                        "token",
                        serial,
                        "--revoke",
                        "--provisioner",
                        StepPki.PROVISIONER,
                        "--provisioner-password-file",
                        pki.password())
                .succeeded()
                .output()
                .strip();
        step("ca", "revoke", serial, "--token", token.substring(token.lastIndexOf('\n') + 1));
    }

    private void refusesToRenew(String... names) throws Exception {
        for (String each : names) {
            for (String mtls : List.of("true", "false")) {
                Commands.Result renewed = renew(each, mtls);
                assertThat(renewed.exitCode())
                        .as(each + ": " + renewed.output())
                        .isNotZero();
            }
        }
    }

    private void issue(String name) throws Exception {
        step(
                "ca",
                "certificate",
                name,
                name + ".crt",
                name + ".key",
                "--provisioner",
                StepPki.PROVISIONER,
                "--provisioner-password-file",
                pki.password());
    }

    /** By the key alone, without the CA. */
    private void forge(String name) throws Exception {
        leaf(name, pki.file("old.crt").toString(), stolen.toString());
    }

    private void leaf(String name, String issuer, String key) throws Exception {
        step(
                "certificate",
                "create",
                name,
                name + ".crt",
                name + ".key",
                "--profile",
                "leaf",
                "--bundle",
                "--ca",
                issuer,
                "--ca-key",
                key,
                "--no-password",
                "--insecure");
    }

    private Commands.Result renew(String name, String mtls) throws Exception {
        return pki.step(
                "ca",
                "renew",
                name + ".crt",
                name + ".key",
                "--out",
                name + ".renewed.crt",
                "--force",
                "--mtls=" + mtls);
    }

    /** The list of the CA that runs, as soon as there is one. */
    private String list() throws Exception {
        ApiClient api = ApiClient.of(pki);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        ApiClient.Answer answer = api.get("/crl?pem");
        while (answer.status() != 200) {
            assertThat(System.nanoTime() - end).as(answer.body()).isNegative();
            answer = api.get("/crl?pem");
        }
        return answer.body();
    }

    /** What somebody says who has the root and these lists, and looks at each certificate of the chain. */
    private String judged(Path chain, String... lists) throws Exception {
        StringBuilder all = new StringBuilder();
        for (String list : lists) {
            all.append(list).append('\n');
        }
        Path file = Files.writeString(pki.file("lists"), all, StandardCharsets.US_ASCII);
        return Commands.run(
                        folder,
                        Map.of(),
                        "openssl",
                        "verify",
                        "-crl_check_all",
                        "-CAfile",
                        pki.root().toString(),
                        "-CRLfile",
                        file.toString(),
                        "-untrusted",
                        chain.toString(),
                        chain.toString())
                .output();
    }

    private Path served() throws Exception {
        String pem = pki.step(
                        "certificate",
                        "inspect",
                        "--bundle",
                        "--format",
                        "pem",
                        pki.url(),
                        "--roots",
                        pki.root().toString())
                .succeeded()
                .output();
        return Files.writeString(pki.file("served.crt"), pem);
    }

    /** Steps 2 to 4 of the handbook; the root's list. */
    private String answer() throws Exception {
        tokens.init("new");
        tokens.hsm("keygen", "--kms", tokens.kms("new", "new")).succeeded();
        certify("new");
        tokens.issueWith("new", "new", pki.file("new.crt"));
        giveUp(pki.file("old.crt"));
        tokens.hsm("doctor", "--config", pki.caJson().toString()).succeeded();
        return StepPki.text(tokens.pem(
                "root.crl",
                "sign-crl",
                "--kms",
                tokens.kms("root", "root"),
                "--first",
                "--revoke",
                pki.file("old.crt").toString(),
                "--reason",
                "cACompromise"));
    }

    @Test
    void what_the_stolen_key_signs_is_believed_by_nobody_any_more_and_the_CA_goes_on_with_another() throws Exception {
        String before;
        try (ChanceryProcess ca = pki.start()) {
            ca.awaitReady();
            issue("good.example");
            forge("forged.example");
            renew("forged.example", "true").succeeded(); // so much does the key buy
            before = list();
            Path earlier = tokens.pem(
                    "earlier.crt",
                    "sign-intermediate",
                    "--kms",
                    tokens.kms("root", "root"),
                    pki.file("old.csr").toString());
            forgeUnder("earlier.example", StepPki.text(earlier));
            forgeUnder("twin.example", twin());
            renew("earlier.example", "true").succeeded();
            renew("twin.example", "true").succeeded();
        }
        String rootList = answer();
        try (ChanceryProcess ca = pki.start()) {
            ca.awaitReady();
            assertThat(judged(served(), rootList, list())).contains("OK");
            issue("again.example");
            assertThat(judged(pki.file("again.example.crt"), rootList, list())).contains("OK");
            assertThat(judged(pki.file("old.crt"), rootList)).contains("certificate revoked");
            assertThat(judged(pki.file("good.example.crt"), rootList, before)).contains("certificate revoked");
            assertThat(judged(pki.file("forged.example.crt"), rootList, before)).contains("verification failed");
            refusesToRenew("forged.example", "good.example", "earlier.example", "twin.example");
            revoke(pki.file("old.crt"));
            revoke(pki.file("earlier.crt"));
            renew("again.example", "true").succeeded();
        }
        step("crl", "inspect", "root.crl", "--ca", pki.root().toString());
        theRootsListGoesOn(before);
        tokens.hsm("delete", "--kms", tokens.kms("old", "old"), "--confirm", "old", "--force")
                .succeeded();
    }

    /** The root's next list, with nothing new. */
    private void theRootsListGoesOn(String before) throws Exception {
        String next = StepPki.text(tokens.pem(
                "next.crl",
                "sign-crl",
                "--kms",
                tokens.kms("root", "root"),
                "--previous",
                pki.file("root.crl").toString()));
        assertThat(judged(pki.file("good.example.crt"), next, before)).contains("certificate revoked");
    }

    /** An issuer of the thief's own, under the root, and a certificate of it. */
    private void forgeByTheRoot(String name) throws Exception {
        String key = pki.file("thief.key").toString();
        step("crypto", "keypair", "thief.pub", key, "--no-password", "--insecure");
        tokens.init("thief");
        tokens.hsm("import", "--kms", tokens.kms("thief", "thief"), key).succeeded();
        certify("thief");
        leaf(name, pki.file("thief.crt").toString(), key);
    }

    /** In a ceremony; answers the folder with root.crt and issuing.crt. */
    private Path anotherPki() throws Exception {
        step("crypto", "keypair", "alice.pub", "alice.key", "--no-password", "--insecure");
        tokens.init("roots");
        tokens.init("issuing");
        Path plan = Files.writeString(
                pki.file("plan.yaml"), """
                title: After the theft
                people:
                - {name: alice, key: alice.pub}
                authorities:
                - name: root
                  kms: %s
                  algorithm: ec-p384
                  backup: none
                  subject: CN=Root CA 2
                  validity: 7300d
                  pathLength: 1
                - name: issuing
                  issuer: root
                  kms: %s
                  algorithm: ec-p256
                  backup: none
                  subject: CN=Issuing CA 2
                  validity: 3650d
                """.formatted(tokens.kms("roots", "root"), tokens.kms("issuing", "issuing")));
        Path made = pki.file("made");
        tokens.confirmed("ceremony", plan.toString(), "--out=" + made, "--confirm=alice=" + pki.file("alice.key"))
                .succeeded();
        return made;
    }

    private String roots() throws Exception {
        return ApiClient.of(pki).get("/roots").body();
    }

    private Commands.Result believed(String name, Path root) throws Exception {
        return pki.step("certificate", "verify", name + ".crt", "--roots", root.toString());
    }

    @Test
    void what_a_stolen_root_signs_is_believed_by_nobody_who_has_the_other_root_alone_and_the_CA_goes_on_under_it()
            throws Exception {
        Path oldRoot = Files.copy(pki.root(), pki.file("old-root.crt"));
        pki.set("root", oldRoot.toString());
        try (ChanceryProcess ca = pki.start()) {
            ca.awaitReady();
            issue("good.example");
        }
        forgeByTheRoot("forged.example");
        believed("forged.example", oldRoot).succeeded(); // so much does the key buy
        Path made = anotherPki();
        Path newRoot = made.resolve("root.crt");
        pki.set("root", newRoot.toString());
        tokens.issueWith("issuing", "issuing", made.resolve("issuing.crt"));
        giveUp(pki.file("old.crt"), oldRoot);
        tokens.hsm("doctor", "--config", pki.caJson().toString()).succeeded();
        try (ChanceryProcess ca = pki.start()) {
            ca.awaitReady();
            assertThat(pki.step("ca", "health").exitCode())
                    .as("for who has the old root alone")
                    .isNotZero();
            Files.copy(newRoot, pki.root(), StandardCopyOption.REPLACE_EXISTING); // by a way of its own
            assertThat(roots().split("BEGIN CERTIFICATE", -1))
                    .as("the new root")
                    .hasSize(2);
            issue("again.example");
            refusesToRenew("forged.example", "good.example");
            for (String each : List.of("forged.example", "good.example")) {
                assertThat(believed(each, newRoot).exitCode()).as(each).isNotZero();
            }
            renew("again.example", "true").succeeded();
        }
        pki.set("root", List.of(oldRoot.toString(), newRoot.toString()));
        try (ChanceryProcess ca = pki.start()) { // where the old one was forgotten
            ca.awaitReady();
            assertThat(roots().split("BEGIN CERTIFICATE", -1)).as("both roots").hasSize(3);
            refusesToRenew("forged.example", "good.example");
            renew("again.example", "true").succeeded();
        }
        believed("again.example", newRoot).succeeded();
    }
}
