package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What somebody hands to {@code chancery hsm} from outside: PINs in every form, key files, and a name too many. */
@Tag("long")
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class HsmOperatorIT {
    private static final String PIN = "pin-of-the-tests";
    private static final String NEXT = "another-pin";

    @TempDir
    private Path folder;

    private StepPki pki;
    private HsmTokens tokens;

    @BeforeEach
    void token() throws Exception {
        pki = StepPki.init(folder);
        tokens = HsmTokens.beside(pki);
        tokens.init("issuing");
    }

    /** Behind a line of the shell in which "$@" is the command; the URI says nothing of the PIN. */
    private Commands.Result typed(String shell, String verb, String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of(
                "sh",
                "-c",
                shell,
                "sh",
                Path.of(System.getProperty("chancery.home"), "bin/chancery").toString(),
                "hsm",
                verb,
                "--kms",
                tokens.kms("issuing", "any").replaceAll("\\?pin-source=.*", "")));
        words.addAll(List.of(more));
        Map<String, String> environment = new HashMap<>(pki.environment());
        environment.put("HSM_PIN", PIN);
        return Commands.run(folder, environment, words.toArray(String[]::new));
    }

    private static void assertRefused(Commands.Result result, String why) {
        assertThat(result.exitCode()).as(result.output()).isEqualTo(2);
        assertThat(result.output()).contains(why).doesNotContain(PIN).doesNotContain("\tat ");
    }

    @Test
    void a_PIN_comes_from_the_environment_a_descriptor_or_a_terminal() throws Exception {
        assertThat(typed("exec \"$@\"", "list", "--pin=env:HSM_PIN").succeeded().output())
                .doesNotContain(PIN);
        typed("exec \"$@\" 3< pin", "list", "--pin=fd:3").succeeded();
        // A terminal of its own, on which the PIN is typed.
        assertThat(typed("cat pin | script -qec \"'$1' '$2' '$3' '$4' '$5'\" /dev/null", "list")
                        .succeeded()
                        .output())
                .contains("PIN of token issuing: ");
        assertRefused(typed("exec \"$@\"", "list", "--pin=env:NOT_THERE"), "the environment has no NOT_THERE");
        assertRefused(typed("exec \"$@\"", "list", "--pin=fd:999"), "cannot read /dev/fd/999");
        assertRefused(typed("exec \"$@\"", "list", "--pin=fd:pin"), "fd: is followed by a number");
        assertRefused(typed("exec \"$@\"", "list", "--pin=prompt"), "there is no terminal to ask on");
    }

    @Test
    void two_PINs_come_one_after_the_other_on_one_descriptor() throws Exception {
        Files.writeString(pki.file("two"), PIN + "\n" + NEXT + "\n");
        typed("cat two | \"$@\"", "change-pin", "--pin=fd:0", "--new-pin=fd:0").succeeded();
        Files.writeString(pki.file("next"), NEXT + "\n");
        typed("exec \"$@\" 3< next", "list", "--pin=fd:3").succeeded();
        assertThat(typed("exec \"$@\"", "list", "--pin=env:HSM_PIN").output()).contains("CKR_PIN_INCORRECT");
    }

    private void openssl(String... words) throws Exception {
        List<String> all = new ArrayList<>(List.of("openssl"));
        all.addAll(List.of(words));
        Commands.run(folder, Map.of(), all.toArray(String[]::new)).succeeded();
    }

    private void imports(String object, String file) throws Exception {
        String kms = tokens.kms("issuing", object);
        Commands.Result wrong = tokens.hsm("import", "--kms", kms, file, "--password=file:" + pki.file("pin"));
        assertThat(wrong.exitCode()).as(wrong.output()).isNotZero();
        assertThat(wrong.output()).contains(file).doesNotContain("\tat ");
        String said = tokens.hsm("import", "--kms", kms, file, "--password=file:" + pki.password())
                .succeeded()
                .output();
        assertThat(said)
                .contains("object=" + object, "warning: this key has existed outside the token", file)
                .doesNotContain("a password of the tests");
        assertThat(Path.of(file)).as("left as it is").exists();
        assertThat(tokens.hsm("list", "--kms", kms).succeeded().output())
                .contains("object=" + object, "imported, sensitive, not extractable");
        tokens.hsm("selfsign", "--kms", kms, "--subject", "CN=" + object).succeeded();
        tokens.hsm("doctor", "--kms", kms).succeeded();
    }

    @Test
    void an_encrypted_key_of_step_and_one_of_openssl_go_to_the_token_with_a_warning() throws Exception {
        Path step = pki.file("step.key");
        pki.step("crypto", "keypair", "step.pub", step.toString(), "--password-file", pki.password())
                .succeeded();
        imports("of-step", step.toString());
        Path openssl = pki.file("openssl.key");
        openssl(
                "genpkey",
                "-algorithm",
                "RSA",
                "-pkeyopt",
                "rsa_keygen_bits:3072",
                "-aes256",
                "-pass",
                "file:" + pki.password(),
                "-out",
                openssl.toString());
        imports("of-openssl", openssl.toString());
    }

    @Test
    void the_key_of_a_listed_issuer_is_not_deleted_whatever_is_said() throws Exception {
        String kms = tokens.kms("issuing", "next");
        tokens.hsm("keygen", "--kms", kms).succeeded();
        Path csr = tokens.pem("next.csr", "csr", "--kms", kms, "--subject", "CN=Next");
        String crt = pki.step(
                        "certificate",
                        "sign",
                        "--profile",
                        "intermediate-ca",
                        csr.toString(),
                        pki.root().toString(),
                        pki.file("step/secrets/root_ca_key").toString(),
                        "--password-file",
                        pki.password())
                .succeeded()
                .output();
        Path listed = Files.writeString(pki.file("next.crt"), crt.substring(crt.indexOf("-----BEGIN ")));
        pki.configure(Map.of("issuers", List.of(Map.of("name", "next", "crt", listed.toString()))));
        String config = pki.caJson().toString();
        Commands.Result kept = tokens.hsm("delete", "--config", config, "--kms", kms, "--confirm", "next", "--force");
        assertThat(kept.exitCode()).as(kept.output()).isEqualTo(2);
        assertThat(kept.output()).contains("the key next is the one that", "issues with");
        pki.configure(Map.of());
        tokens.hsm("delete", "--config", config, "--kms", kms, "--confirm", "next", "--force")
                .succeeded();
        assertThat(tokens.hsm("list", "--kms", kms).succeeded().output()).doesNotContain("object=next");
    }
}
