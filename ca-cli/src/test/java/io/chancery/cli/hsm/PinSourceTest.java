package io.chancery.cli.hsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.cli.UsageException;
import io.chancery.core.secret.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PinSourceTest {
    private static Secret typed(String... lines) throws UsageException {
        Iterator<String> left = List.of(lines).iterator();
        return PinSource.askedTwice(prompt -> left.hasNext() ? left.next().toCharArray() : null, "new PIN");
    }

    @Test
    void a_new_PIN_is_typed_twice_alike() throws Exception {
        try (Secret pin = typed("1234", "1234")) {
            assertThat(pin.chars()).containsExactly('1', '2', '3', '4');
        }
        assertThatThrownBy(() -> typed("1234", "1243"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("new PIN: the two that were typed differ")
                .hasMessageNotContaining("12");
        assertThatThrownBy(() -> typed("1234"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("no terminal");
    }

    @Test
    void two_PINs_on_one_descriptor_are_its_lines_one_after_the_other_also_of_a_regular_file(@TempDir Path folder)
            throws Exception {
        Path file = Files.writeString(folder.resolve("pins"), "old-1\nnew-2\n");
        try (InputStream open = Files.newInputStream(file)) {
            String source = "fd:" + descriptor(file);
            assertThat(open.available()).isPositive();
            try (Secret old = PinSource.read(source, "PIN");
                    Secret fresh = PinSource.readNew(source, "new PIN")) {
                assertThat(old.chars()).containsExactly("old-1".toCharArray());
                assertThat(fresh.chars()).containsExactly("new-2".toCharArray());
            }
            assertThatThrownBy(() -> PinSource.read(source, "third PIN"))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("third PIN: ")
                    .hasMessageContaining("has nothing");
        }
    }

    /** The number by which this process has the file open. */
    private static String descriptor(Path file) throws IOException {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path each : all) {
                if (Files.exists(each) && Files.isSameFile(each, file)) {
                    return each.getFileName().toString();
                }
            }
        }
        throw new IOException(file + " is not open");
    }
}
