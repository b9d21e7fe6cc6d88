package io.chancery.signer.hsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PinFileTest {
    @Test
    void a_PIN_is_read_without_white_space_at_its_end_and_must_be_text(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("pin"), "pä 1 \n\n");
        PinFile pin = PinFile.named(file.toString());
        assertThat(new String(pin.read().chars())).isEqualTo("pä 1");
        Files.write(file, new byte[] {'1', (byte) 0xff});
        assertThatThrownBy(pin::read).hasMessageContaining("not UTF-8");
    }

    @Test
    void a_file_larger_than_any_PIN_is_not_read(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("pin"), "1".repeat(1025));
        assertThatThrownBy(PinFile.named(file.toString())::read)
                .isInstanceOf(HsmException.class)
                .hasMessageContaining("larger");
    }

    @Test
    void a_file_in_which_nothing_stands_is_no_PIN(@TempDir Path folder) throws Exception {
        for (String text : new String[] {"", " \n\n"}) {
            Path file = Files.writeString(folder.resolve("pin"), text);
            assertThatThrownBy(PinFile.named(file.toString())::read)
                    .isInstanceOfSatisfying(
                            HsmException.class, e -> assertThat(e.kind()).isEqualTo(HsmException.Kind.MISCONFIGURED))
                    .hasMessage("the file of pin-source is empty: " + file);
        }
    }

    @Test
    void a_file_URI_that_names_no_file_is_a_mistake_of_the_configuration() {
        assertThatThrownBy(() -> PinFile.named("file:%zz"))
                .isInstanceOfSatisfying(
                        HsmException.class, e -> assertThat(e.kind()).isEqualTo(HsmException.Kind.MISCONFIGURED));
    }
}
