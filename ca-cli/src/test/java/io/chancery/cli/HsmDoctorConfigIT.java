package io.chancery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The doctor and other verbs, before the configuration of a node. */
@ExtendWith(SoftHsmExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class HsmDoctorConfigIT {
    private static SoftHsmToken token;
    private static String standing;
    private static String next;
    private static String weak;

    @TempDir
    private Path folder;

    private JsonObject ca;
    private final JsonObject chancery = new JsonObject();

    @BeforeAll
    static void keys(SoftHsmToken given) throws Exception {
        token = given;
        Files.setPosixFilePermissions(token.pinFile(), PosixFilePermissions.fromString("rw-------"));
        HsmShell shell = new HsmShell(given);
        shell.done("keygen", "standing");
        standing = shell.done("selfsign", "standing", "--subject", "Standing");
        shell.done("keygen", "next");
        next = shell.done("selfsign", "next", "--subject", "Next");
        token.pkcs11Tool(
                "--keypairgen", "--key-type", "EC:prime256v1", "--label", "weak", "--id", "77", "--extractable");
        weak = shell.done("selfsign", "weak", "--subject", "Weak");
    }

    @BeforeEach
    void configuration() throws Exception {
        ca = new JsonObject()
                .put("address", "127.0.0.1:0")
                .put("dnsNames", new JsonArray().add("localhost"))
                .put(
                        "db",
                        new JsonObject()
                                .put("type", "sqlite")
                                .put("dataSource", folder.resolve("db").toString()))
                .put("authority", new JsonObject().put("provisioners", new JsonArray()));
        issuer("standing", standing);
    }

    private Path file(String name, String content) throws Exception {
        return Files.writeString(folder.resolve(name), content);
    }

    private void issuer(String label, String certificate) throws Exception {
        String crt = file(label + ".crt", certificate).toString();
        ca.put("root", crt).put("crt", crt).put("key", token.uri(label));
    }

    private HsmShell.Result run(String verb, String... more) throws Exception {
        Path caJson = file("ca.json", ca.encode());
        Path unused = file("chancery.json", chancery.encode());
        String[] words = new String[4 + more.length];
        System.arraycopy(new String[] {"hsm", verb, "--config", caJson.toString()}, 0, words, 0, 4);
        System.arraycopy(more, 0, words, 4, more.length);
        return HsmShell.run(words);
    }

    private JsonObject finding(String check, String... more) throws Exception {
        String[] words = new String[1 + more.length];
        words[0] = "--json";
        System.arraycopy(more, 0, words, 1, more.length);
        HsmShell.Result result = run("doctor", words);
        return new JsonArray(result.out())
                .stream()
                        .map(JsonObject.class::cast)
                        .filter(each -> each.getString("check").equals(check))
                        .findFirst()
                        .orElseThrow(() -> new AssertionError(result.out() + result.err()));
    }

    private static String status(JsonObject finding) {
        return finding.getString("status");
    }

    @Test
    void a_node_whose_key_and_chain_are_well_fails_nothing() throws Exception {
        HsmShell.Result result = run("doctor");
        assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
        assertThat(result.out()).contains("ok\tchain-to-root", "ok\tsession-limit", "ok\tcertificate-matches");
    }

    @Test
    void max_sessions_of_the_URI_counts_for_the_doctor_as_for_the_signer() throws Exception {
        ca.put("key", token.uri("standing") + "&max-sessions=3");
        assertThat(finding("session-limit").getString("found")).startsWith("3 wanted");
    }

    @Test
    void a_weak_key_fails_as_the_start_would_unless_it_is_allowed() throws Exception {
        issuer("weak", weak);
        assertThat(status(finding("key-attributes"))).isEqualTo("failed");
        assertThat(run("doctor").exitCode()).isEqualTo(1);
        chancery.put("kms", new JsonObject().put("allowWeakKey", true));
        assertThat(status(finding("key-attributes"))).isEqualTo("warning");
    }

    @Test
    void an_issuer_of_chancery_json_is_looked_at_by_its_name() throws Exception {
        chancery.put(
                "issuers",
                new JsonArray()
                        .add(new JsonObject()
                                .put("name", "next")
                                .put("crt", file("next.crt", next).toString())
                                .put("key", token.uri("next")))
                        .add(new JsonObject()
                                .put("name", "gone")
                                .put("crt", file("gone.crt", next).toString())));
        assertThat(finding("key-found", "--issuer", "next").getString("found")).contains("object=next");
        assertThat(finding("chain-to-root", "--issuer", "next").getString("found"))
                .as("not under the root of ca.json")
                .contains("CN=Next");
        chancery.put("certificates", new JsonObject().put("signatureAlgorithm", "ECDSA-SHA512"));
        assertThat(finding("test-signature").getString("found")).startsWith("ECDSA-SHA512");
        assertThat(finding("test-signature", "--issuer", "next").getString("found"))
                .as("the common algorithm is that of ca.json's issuer")
                .startsWith("ECDSA-SHA256");
        assertThat(run("list", "--issuer", "next").out()).contains("object=next");
        assertThat(run("list", "--issuer", "nobody").err()).contains("next, gone");
        assertThat(run("list", "--issuer", "gone").err()).contains("no key on this node");
        HsmShell.Result load = run("load", "--issuer", "next", "--kms", token.uri("x"));
        assertThat(load.exitCode()).isEqualTo(2);
        assertThat(HsmShell.run("hsm", "list", "--issuer", "next").err()).contains("--config");
    }

    @Test
    void a_PIN_in_a_configuration_that_others_can_read_fails() throws Exception {
        String bare = token.uri("standing").replaceAll("\\?pin-source=.*", "");
        ca.put("key", bare).put("kms", new JsonObject().put("type", "pkcs11").put("pin", token.pin()));
        Path caJson = file("ca.json", ca.encode());
        Files.setPosixFilePermissions(caJson, PosixFilePermissions.fromString("rw-r--r--"));
        JsonObject open = finding("pin-file");
        assertThat(status(open)).as(open.encode()).isEqualTo("failed");
        assertThat(open.getString("found")).contains("ca.json").doesNotContain(token.pin());
        Files.setPosixFilePermissions(caJson, PosixFilePermissions.fromString("rw-------"));
        assertThat(status(finding("pin-file"))).isEqualTo("ok");
    }

    @Test
    void with_the_PIN_given_apart_its_file_may_be_one_that_the_service_alone_sees() throws Exception {
        String elsewhere = "pin-source=" + folder.resolve("credentials/pin");
        ca.put("key", token.uri("standing").replaceAll("pin-source=.*", elsewhere));
        String given = "--pin=file:" + token.pinFile();
        HsmShell.Result result = run("doctor", given);
        assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
        assertThat(status(finding("test-signature", given))).isEqualTo("ok");
        assertThat(status(finding("pin-file", given))).isEqualTo("skipped");
        assertThat(status(finding("pin-file"))).as("nobody gave it").isEqualTo("failed");
    }

    @Test
    void a_node_is_named_to_retry_as_to_the_other_verbs() throws Exception {
        boolean unused = folder.resolve("db").toFile().mkdirs();
        HsmShell.Result by = run("retry");
        assertThat(by.exitCode()).as(by.err()).isZero();
        String caJson = folder.resolve("ca.json").toString();
        assertThat(HsmShell.run("hsm", "retry", caJson).exitCode()).isZero();
        assertThat(HsmShell.run("hsm", "retry").exitCode()).isEqualTo(2);
        assertThat(HsmShell.run("hsm", "retry", caJson, "--config", caJson).exitCode())
                .isEqualTo(2);
    }
}
