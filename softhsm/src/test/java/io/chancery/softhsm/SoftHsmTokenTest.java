package io.chancery.softhsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SoftHsmExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class SoftHsmTokenTest {
    @Test
    void a_class_gets_a_token_that_other_processes_see_by_its_environment(SoftHsmToken token) throws IOException {
        assertThat(token.run("softhsm2-util", "--show-slots")).contains(token.label());
        assertThat(token.run("softhsm2-util", "--show-slots")).contains("Initialized:      yes");
        assertThat(Files.readString(token.pinFile()).strip()).isEqualTo(token.pin());
    }

    @Test
    void the_script_makes_each_token_once_and_keeps_its_pins_private(SoftHsmToken any, @TempDir Path folder)
            throws IOException {
        String[] command = {
            "sh", script(), folder.resolve("hsm").toString(), "my-ca", folder + "/pin.txt", folder + "/so-pin.txt"
        };
        assertThat(any.run(command)).contains("export SOFTHSM2_CONF='" + folder.resolve("hsm/softhsm2.conf") + "'");
        assertThat(any.run(command)).contains("the token my-ca is there already");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("pin.txt"))))
                .isEqualTo("rw-------");
        // A second one beside it leaves the first as it is.
        String[] another = command.clone();
        another[3] = "other-ca";
        assertThat(any.run(another)).contains("export SOFTHSM2_CONF=");
        String slots =
                any.run("env", "SOFTHSM2_CONF=" + folder.resolve("hsm/softhsm2.conf"), "softhsm2-util", "--show-slots");
        assertThat(slots.split("my-ca", -1)).hasSize(2);
        assertThat(slots.split("other-ca", -1)).hasSize(2);
        any.run(
                "env",
                "SOFTHSM2_CONF=" + folder.resolve("hsm/softhsm2.conf"),
                "pkcs11-tool",
                "--module",
                any.modulePath().toString(),
                "--token-label",
                "my-ca",
                "--login",
                "--pin",
                Files.readString(folder.resolve("pin.txt")),
                "--list-objects");
    }

    @Test
    void the_script_makes_no_token_in_a_folder_that_softhsm_s_file_cannot_name(SoftHsmToken any, @TempDir Path folder) {
        for (String name : new String[] {"a=b", "a#b", "a\nb"}) {
            Path hsm = folder.resolve(name);
            assertThatThrownBy(() -> any.run(
                            "sh", script(), hsm.toString(), "my-ca", folder + "/pin.txt", folder + "/so-pin.txt"))
                    .hasMessageContaining("can name no folder");
            assertThat(hsm).doesNotExist();
        }
    }

    private static String script() {
        Path here = Path.of("init-token.sh");
        return (Files.exists(here) ? here : Path.of("softhsm/init-token.sh")).toString();
    }
}
