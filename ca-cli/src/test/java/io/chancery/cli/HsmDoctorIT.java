package io.chancery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The doctor, before a set-up that is well and several that are not. */
@ExtendWith(SoftHsmExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class HsmDoctorIT {
    private static SoftHsmToken token;
    private static HsmShell shell;

    @TempDir
    private Path folder;

    @BeforeAll
    static void token(SoftHsmToken given) throws Exception {
        token = given;
        shell = new HsmShell(given);
        Files.setPosixFilePermissions(token.pinFile(), PosixFilePermissions.fromString("rw-------"));
        shell.done("keygen", "well");
        shell.done("selfsign", "well", "--subject", "Well");
        shell.done("keygen", "bare");
    }

    private static Map<String, JsonObject> findings(HsmShell.Result result) {
        Map<String, JsonObject> all = new HashMap<>();
        new JsonArray(result.out()).forEach(each -> {
            JsonObject finding = (JsonObject) each;
            all.put(finding.getString("check"), finding);
        });
        return all;
    }

    /** The one that failed, with what to do; all after it is skipped or not there. */
    private static void assertFails(String uri, String check, String found, String todo) {
        HsmShell.Result result = HsmShell.run("hsm", "doctor", "--json", "--kms", uri);
        assertThat(result.exitCode()).isEqualTo(1);
        JsonObject finding = findings(result).get(check);
        assertThat(finding).as(result.out()).isNotNull();
        assertThat(finding.getString("status")).isEqualTo("failed");
        assertThat(finding.getString("found")).contains(found);
        assertThat(finding.getString("todo")).contains(todo);
        assertThat(findings(result).values())
                .filteredOn(it -> it.getString("status").equals("failed"))
                .hasSize(1);
        assertThat(result.out()).doesNotContain(token.pin());
    }

    @Test
    void all_is_well_with_a_key_beside_its_certificate() {
        HsmShell.Result result = shell.hsm("doctor", "well", "--json");
        assertThat(result.exitCode()).as(result.out()).isZero();
        for (String check : List.of(
                "library-loads",
                "token-found",
                "pin-file",
                "pin-state",
                "pin-accepted",
                "mechanism-ecdsa",
                "mechanism-rsa-pss",
                "key-found",
                "key-attributes",
                "certificate-on-token",
                "certificate-matches",
                "test-signature")) {
            assertThat(findings(result).get(check).getString("status"))
                    .as(check)
                    .isEqualTo("ok");
        }
        assertThat(shell.done("doctor", "well")).contains("ok\ttest-signature\t");
    }

    @Test
    void a_library_that_is_not_there() {
        assertFails(
                "pkcs11:module-path=/nowhere.so;token=x;object=y?pin-source=" + token.pinFile(),
                "library-loads",
                "/nowhere.so",
                "chancery hsm modules");
    }

    @Test
    void a_token_that_is_not_there() {
        assertFails(
                token.uri("well").replace("token=" + token.label(), "token=elsewhere"),
                "token-found",
                "token=" + token.label(),
                "token=");
    }

    @Test
    void a_wrong_PIN_although_this_process_is_logged_in() throws Exception {
        Path pin = Files.writeString(folder.resolve("pin"), "999999\n");
        Files.setPosixFilePermissions(pin, PosixFilePermissions.fromString("rw-------"));
        try (var session = io.chancery.signer.admin.TokenSession.open(
                io.chancery.signer.hsm.Pkcs11Uri.parse(token.uri("well")),
                io.chancery.signer.hsm.Pkcs11Uri.parse(token.uri("well")).pin())) {
            assertThat(session.objects()).isNotEmpty();
            assertFails(
                    token.uri("well").replace(token.pinFile().toString(), pin.toString()),
                    "pin-accepted",
                    "CKR_PIN_INCORRECT",
                    "must not be tried again");
        }
    }

    @Test
    void a_PIN_file_that_everybody_can_read() throws Exception {
        Path pin = Files.writeString(folder.resolve("pin"), token.pin());
        Files.setPosixFilePermissions(pin, PosixFilePermissions.fromString("rw-r--r--"));
        assertFails(
                token.uri("well").replace(token.pinFile().toString(), pin.toString()),
                "pin-file",
                "can be read",
                "chmod 600 " + pin);
    }

    @Test
    void a_key_without_its_certificate() {
        assertFails(token.uri("bare"), "certificate-on-token", "CKA_ID", "chancery hsm import-cert");
    }

    @Test
    void a_key_that_is_not_there() {
        assertFails(token.uri("absent"), "key-found", "object=well", "chancery hsm list");
    }

    @Test
    void a_key_that_can_be_taken_away_is_a_warning() throws Exception {
        token.pkcs11Tool(
                "--keypairgen", "--key-type", "EC:prime256v1", "--label", "weak", "--id", "77", "--extractable");
        shell.done("selfsign", "weak", "--subject", "Weak");
        HsmShell.Result result = shell.hsm("doctor", "weak", "--json");
        assertThat(result.exitCode()).isZero();
        JsonObject finding = findings(result).get("key-attributes");
        assertThat(finding.getString("status")).isEqualTo("warning");
        assertThat(finding.getString("found")).contains("extractable");
    }
}
