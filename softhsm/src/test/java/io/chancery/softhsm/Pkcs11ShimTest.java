package io.chancery.softhsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SoftHsmExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class Pkcs11ShimTest {
    private static final long OK = 0;
    private static final long PIN_INCORRECT = 0xA0;
    private static final long PIN_LOCKED = 0xA4;

    @TempDir
    private Path folder;

    private SoftHsmToken token;
    private Pkcs11Shim shim;

    @BeforeEach
    void shim(SoftHsmToken given) throws IOException {
        token = given;
        shim = Pkcs11Shim.around(given.modulePath());
    }

    @AfterEach
    void close() throws IOException {
        shim.close();
    }

    private List<String> command(String pin, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                "pkcs11-tool",
                "--module",
                shim.modulePath().toString(),
                "--token-label",
                token.label(),
                "--login",
                "--pin",
                pin));
        command.addAll(List.of(arguments));
        return command;
    }

    private String tool(String pin, String... arguments) throws IOException {
        return token.run(command(pin, arguments).toArray(String[]::new));
    }

    private String[] signing(String label) throws IOException {
        tool(token.pin(), "--keypairgen", "--key-type", "EC:prime256v1", "--label", label);
        Path digest = folder.resolve("digest");
        Files.write(digest, new byte[32]);
        return new String[] {"--sign", "-m", "ECDSA", "--label", label, "-i", digest.toString(), "-o", "/dev/null"};
    }

    @Test
    void logins_of_all_processes_are_counted_and_the_third_wrong_one_locks_the_pin() throws IOException {
        shim.lockAfter(3);
        tool(token.pin(), "--list-objects");
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> tool("00000000", "--list-objects")).hasMessageContaining("CKR_PIN_INCORRECT");
        }
        assertThatThrownBy(() -> tool(token.pin(), "--list-objects")).hasMessageContaining("CKR_PIN_LOCKED");
        assertThat(shim.logins().stream().map(Pkcs11Shim.Login::returned))
                .containsExactly(OK, PIN_INCORRECT, PIN_INCORRECT, PIN_INCORRECT, PIN_LOCKED);
        assertThat(shim.logins().stream().map(Pkcs11Shim.Login::process)).doesNotHaveDuplicates();
        assertThat(token.run("pkcs11-tool", "--module", shim.modulePath().toString(), "--list-slots"))
                .contains("user PIN locked");
    }

    @Test
    void a_signature_takes_as_long_or_fails_as_it_is_told_until_the_HSM_is_well() throws IOException {
        String[] sign = signing("delayed");
        shim.signaturesTake(Duration.ofMillis(400));
        long began = System.nanoTime();
        tool(token.pin(), sign);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofMillis(400));
        shim.fail("C_SignInit", 0x30);
        assertThatThrownBy(() -> tool(token.pin(), sign)).hasMessageContaining("CKR_DEVICE_ERROR");
        shim.well();
        tool(token.pin(), sign);
    }

    @Test
    void a_session_may_be_logged_out_closed_or_the_library_restarted_before_a_signature() throws IOException {
        String[] sign = signing("acts");
        for (Pkcs11Shim.Act act : Pkcs11Shim.Act.values()) {
            shim.once(act);
            assertThatThrownBy(() -> tool(token.pin(), sign)).as("%s", act).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void what_hangs_goes_on_when_the_HSM_is_well() throws Exception {
        String[] sign = signing("hangs");
        shim.hang("C_Sign");
        ProcessBuilder builder = new ProcessBuilder(command(token.pin(), sign))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("out").toFile());
        builder.environment().putAll(token.environment());
        Process process = builder.start();
        assertThat(process.waitFor(300, TimeUnit.MILLISECONDS)).isFalse();
        shim.well();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }
}
