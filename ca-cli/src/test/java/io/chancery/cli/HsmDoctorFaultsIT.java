package io.chancery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.softhsm.Pkcs11Shim;
import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The doctor before an HSM that says what SoftHSM never says, and before a configuration that does not fit its key. */
@ExtendWith(SoftHsmExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class HsmDoctorFaultsIT {
    private static final long CKM_ECDSA = 0x1041;

    @TempDir
    private static Path made;

    private static SoftHsmToken token;

    @TempDir
    private Path folder;

    private Pkcs11Shim hsm;

    @BeforeAll
    static void keys(SoftHsmToken given) throws Exception {
        token = given;
        HsmShell shell = new HsmShell(given);
        Files.setPosixFilePermissions(token.pinFile(), PosixFilePermissions.fromString("rw-------"));
        shell.done("keygen", "root");
        pem("root.crt", shell.done("selfsign", "root", "--subject", "Root", "--path-length=1"));
        shell.done("keygen", "issuing");
        Path csr = pem("csr", shell.done("csr", "issuing", "--subject", "Issuing"));
        Path crt = pem("issuing.crt", shell.done("sign-intermediate", "root", csr.toString()));
        shell.done("import-cert", "issuing", crt.toString());
        shell.done("keygen", "stranger");
        pem("stranger.crt", shell.done("selfsign", "stranger", "--subject", "Stranger"));
    }

    private static Path pem(String name, String text) throws Exception {
        return Files.writeString(made.resolve(name), text, StandardCharsets.US_ASCII);
    }

    @BeforeEach
    void shim(Pkcs11Shim around) throws Exception {
        hsm = around;
        hsm.lockAfter(3);
    }

    @AfterEach
    void rightPin() throws Exception {
        if (hsm.logins().stream().anyMatch(login -> login.returned() != 0)) {
            String unused = new HsmShell(token).done("list", "issuing"); // else the token still counts a wrong PIN
        }
    }

    /** As a CA with that root, issuer and key has it. */
    private Path config(String root, String crt, String object) throws Exception {
        JsonObject ca = new JsonObject()
                .put("root", made.resolve(root).toString())
                .put("crt", made.resolve(crt).toString())
                .put("key", "pkcs11:object=" + object)
                .put("kms", new JsonObject().put("type", "pkcs11").put("uri", common()))
                .put("address", "127.0.0.1:0")
                .put("dnsNames", new JsonArray().add("localhost"))
                .put(
                        "db",
                        new JsonObject()
                                .put("type", "sqlite")
                                .put("dataSource", folder.resolve("db").toString()))
                .put("authority", new JsonObject().put("provisioners", new JsonArray()));
        return Files.writeString(folder.resolve("ca.json"), ca.encode());
    }

    private String common() {
        return hsm.uri(token, "x").replace(";object=x", "");
    }

    private HsmShell.Result doctor(Path config, String... more) {
        List<String> words = new ArrayList<>(List.of("hsm", "doctor", "--json", "--config", config.toString()));
        words.addAll(List.of(more));
        return HsmShell.run(words.toArray(String[]::new));
    }

    private static JsonObject finding(HsmShell.Result result, String check) {
        return new JsonArray(result.out())
                .stream()
                        .map(JsonObject.class::cast)
                        .filter(it -> it.getString("check").equals(check))
                        .findFirst()
                        .orElseThrow(() -> new AssertionError(check + " is not in " + result.out() + result.err()));
    }

    private static String status(HsmShell.Result result, String check) {
        return finding(result, check).getString("status");
    }

    private static void assertFailed(HsmShell.Result result, String check, String found, String todo) {
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(status(result, check)).as(result.out()).isEqualTo("failed");
        assertThat(finding(result, check).getString("found")).contains(found);
        assertThat(finding(result, check).getString("todo")).contains(todo);
        // For the report of ./run faults.
        System.out.println("doctor: " + check + ": " + finding(result, check).getString("found") + " -> "
                + finding(result, check).getString("todo"));
        assertThat(result.out() + result.err()).doesNotContain(token.pin()).doesNotContain("\tat ");
    }

    /** So many logins with a wrong PIN, by somebody else. */
    private void wrongPins(int count) throws Exception {
        Path wrong = Files.writeString(folder.resolve("wrong"), "000000\n");
        String uri = common().replaceAll("\\?pin-source=.*", "");
        for (int i = 0; i < count; i++) {
            assertThat(HsmShell.run("hsm", "list", "--kms", uri, "--pin=file:" + wrong)
                            .exitCode())
                    .isEqualTo(1);
        }
        assertThat(hsm.logins()).hasSize(count);
    }

    @Test
    void a_CA_that_is_well_fails_in_nothing() throws Exception {
        HsmShell.Result result = doctor(config("root.crt", "issuing.crt", "issuing"));
        assertThat(result.exitCode()).as(result.out()).isZero();
        for (String check : List.of("chain-to-root", "certificate-matches", "session-limit", "mechanism-ecdsa")) {
            assertThat(status(result, check)).as(check).isEqualTo("ok");
        }
    }

    @Test
    void after_a_wrong_PIN_of_somebody_it_does_not_try_unless_it_is_told_to() throws Exception {
        Path config = config("root.crt", "issuing.crt", "issuing");
        wrongPins(1);
        HsmShell.Result careful = doctor(config);
        assertFailed(careful, "pin-state", "the PIN is not tried", "--try-pin");
        assertThat(status(careful, "key-found")).isEqualTo("skipped");
        assertThat(hsm.logins()).as("the PIN is not tried").hasSize(1);
        HsmShell.Result told = doctor(config, "--try-pin");
        assertThat(told.exitCode()).as(told.out()).isZero();
        assertThat(status(told, "pin-state")).isEqualTo("warning");
        assertThat(status(told, "test-signature")).isEqualTo("ok");
        assertThat(hsm.logins().get(1).returned()).isZero();
        assertThat(status(doctor(config), "pin-state"))
                .as("forgotten by the token")
                .isEqualTo("ok");
    }

    @Test
    void the_last_try_is_never_used_up_and_a_locked_PIN_is_called_so() throws Exception {
        Path config = config("root.crt", "issuing.crt", "issuing");
        wrongPins(2);
        assertFailed(doctor(config, "--try-pin"), "pin-state", "one try is left", "security officer");
        assertThat(hsm.logins()).hasSize(2);
        hsm.lockAfter(2);
        assertFailed(doctor(config, "--try-pin"), "pin-state", "locked", "security officer");
        assertThat(hsm.logins()).as("nobody was asked to log in").hasSize(2);
    }

    @Test
    void a_PIN_that_the_token_refused_to_one_command_of_the_node_is_tried_by_no_other() throws Exception {
        String config = config("root.crt", "issuing.crt", "issuing").toString();
        String wrong = "--pin=file:" + Files.writeString(folder.resolve("wrong"), "000000\n");
        Path unused = Files.createDirectories(folder.resolve("db")); // the node has been there: it remembers in a file
        hsm.lockAfter(5);
        HsmShell.Result first = HsmShell.run("hsm", "list", "--config", config, wrong);
        assertThat(first.err()).contains("CKR_PIN_INCORRECT");
        String newPin = "--new-pin=file:" + token.pinFile();
        for (String[] words : new String[][] {{"list"}, {"bench", "--seconds=1"}, {"change-pin", newPin}}) {
            List<String> all = new ArrayList<>(List.of("hsm", words[0], "--config", config, wrong));
            all.addAll(List.of(words).subList(1, words.length));
            HsmShell.Result again = HsmShell.run(all.toArray(String[]::new));
            assertThat(again.exitCode()).as(words[0]).isEqualTo(1);
            assertThat(again.err()).as(words[0]).contains("not tried: the token has refused this PIN before");
        }
        assertThat(status(doctor(Path.of(config), wrong, "--try-pin"), "pin-accepted"))
                .as("but on an operator's word")
                .isEqualTo("failed");
        assertThat(hsm.logins()).hasSize(2);
        HsmShell.Result right = HsmShell.run("hsm", "list", "--config", config);
        assertThat(right.exitCode()).as(right.err()).isZero();
    }

    @Test
    void a_PIN_that_is_the_new_one_is_known_as_refused_no_longer() throws Exception {
        String config = config("root.crt", "issuing.crt", "issuing").toString();
        Path unused = Files.createDirectories(folder.resolve("db"));
        Path next = Files.writeString(folder.resolve("next"), "135790\n");
        assertThat(HsmShell.run("hsm", "list", "--config", config, "--pin=file:" + next)
                        .exitCode())
                .isEqualTo(1);
        String right = "--pin=file:" + token.pinFile();
        HsmShell.Result changed =
                HsmShell.run("hsm", "change-pin", "--config", config, right, "--new-pin=file:" + next);
        assertThat(changed.exitCode()).as(changed.err()).isZero();
        HsmShell.Result list = HsmShell.run("hsm", "list", "--config", config, "--pin=file:" + next);
        HsmShell.Result back = HsmShell.run(
                "hsm", "change-pin", "--kms", common(), "--pin=file:" + next, "--new-pin=file:" + token.pinFile());
        assertThat(back.exitCode()).as(back.err()).isZero();
        assertThat(list.exitCode()).as(list.err()).isZero();
    }

    @Test
    void fewer_sessions_than_the_configuration_wants() throws Exception {
        Path config = config("root.crt", "issuing.crt", "issuing");
        Files.writeString(folder.resolve("chancery.json"), "{\"limits\":{\"pkcs11Sessions\":4}}");
        hsm.tellMaxSessions(4);
        assertFailed(doctor(config), "session-limit", "allows 4 sessions", "limits.pkcs11Sessions");
        hsm.tellMaxSessions(5);
        assertThat(status(doctor(config), "session-limit")).isEqualTo("ok");
    }

    @Test
    void two_issuers_of_the_node_on_one_token_want_its_sessions_together() throws Exception {
        Path config = config("root.crt", "issuing.crt", "issuing");
        JsonObject other = new JsonObject()
                .put("name", "next")
                .put("crt", made.resolve("stranger.crt").toString())
                .put("key", hsm.uri(token, "stranger"));
        Files.writeString(
                folder.resolve("chancery.json"),
                new JsonObject()
                        .put("limits", new JsonObject().put("pkcs11Sessions", 4))
                        .put("issuers", new JsonArray().add(other))
                        .encode());
        hsm.tellMaxSessions(8);
        assertFailed(doctor(config), "session-limit", "are 9", "limits.pkcs11Sessions");
        assertFailed(doctor(config, "--issuer=next"), "session-limit", "are 9", "limits.pkcs11Sessions");
        hsm.tellMaxSessions(9);
        assertThat(status(doctor(config), "session-limit")).isEqualTo("ok");
    }

    @Test
    void a_token_that_does_not_sign_with_the_issuers_type_of_key() throws Exception {
        hsm.tellNoSigning(CKM_ECDSA);
        assertFailed(
                doctor(config("root.crt", "issuing.crt", "issuing")),
                "mechanism-ecdsa",
                "does not sign with CKM_ECDSA",
                "another type of key");
    }

    @Test
    void modules_shows_the_token_beside_a_slot_that_errs() throws Exception {
        String module = hsm.modulePath().toString();
        String free = HsmShell.run("hsm", "modules", "--module", module)
                .out()
                .lines()
                .filter(line -> line.contains("not initialised"))
                .findFirst()
                .orElseThrow()
                .replaceAll(".*slot-id=([0-9]+) .*", "$1");
        hsm.badSlot(Long.parseLong(free));
        HsmShell.Result result = HsmShell.run("hsm", "modules", "--module", module);
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out())
                .contains("token=" + token.label())
                .containsPattern("slot-id=" + free + " .*: cannot be read: .*CKR_DEVICE_ERROR");
        assertThat(HsmShell.run("hsm", "modules", "--json", "--module", module).out())
                .contains("\"error\" : ", "CKR_DEVICE_ERROR");
    }

    @Test
    void a_key_that_may_be_the_issuers_is_deleted_with_force_alone() throws Exception {
        HsmShell shell = new HsmShell(token);
        shell.done("keygen", "halfless");
        String unused = token.pkcs11Tool("--delete-object", "--type", "pubkey", "--label", "halfless");
        String config = "--config=" + config("root.crt", "issuing.crt", "issuing");
        HsmShell.Result halfless = shell.hsm("delete", "halfless", config, "--confirm=halfless");
        assertThat(halfless.exitCode()).isEqualTo(2);
        assertThat(halfless.err()).contains("does not show the public half of the key halfless", "--force");
        shell.done("delete", "halfless", config, "--confirm=halfless", "--force");

        shell.done("keygen", "named");
        config = "--config=" + config("root.crt", "issuing.crt", "named");
        HsmShell.Result named = HsmShell.run("hsm", "delete", config, "--confirm=named");
        assertThat(named.exitCode()).isEqualTo(2);
        assertThat(named.err()).contains("the key named is one that", "--force");
        assertThat(shell.done("list", "named")).contains("object=named");
        shell.done("delete", "named", config, "--confirm=named", "--force");
    }

    @Test
    void a_key_that_is_not_the_issuers() throws Exception {
        HsmShell.Result result = doctor(config("root.crt", "issuing.crt", "stranger"));
        assertFailed(result, "certificate-matches", "stranger is not that of the issuer", "in crt");
        assertThat(status(result, "test-signature")).isEqualTo("skipped");
        assertThat(status(result, "chain-to-root")).isEqualTo("ok");
    }

    @Test
    void an_issuer_that_leads_to_no_root_or_by_a_chain_out_of_order() throws Exception {
        assertFailed(
                doctor(config("stranger.crt", "issuing.crt", "issuing")),
                "chain-to-root",
                "CN=Issuing is signed by no root",
                "root in ca.json");
        pem(
                "mixed.crt",
                Files.readString(made.resolve("issuing.crt")) + Files.readString(made.resolve("stranger.crt")));
        assertFailed(
                doctor(config("root.crt", "mixed.crt", "issuing")), "chain-to-root", "is broken after", "in order");
    }

    @Test
    void a_certificate_that_is_missing_or_none_is_a_finding_beside_all_others() throws Exception {
        for (String[] files : new String[][] {{"root.crt", "none.crt"}, {"csr", "issuing.crt"}}) {
            HsmShell.Result result = doctor(config(files[0], files[1], "issuing"));
            String unread = files[0].equals("csr") ? files[0] : files[1];
            assertFailed(result, "chain-to-root", made.resolve(unread).toString(), "crt and root");
            for (String check : List.of("pin-accepted", "key-found", "certificate-matches", "test-signature")) {
                assertThat(status(result, check))
                        .as(check + " without " + unread)
                        .isEqualTo("ok");
            }
        }
    }
}
