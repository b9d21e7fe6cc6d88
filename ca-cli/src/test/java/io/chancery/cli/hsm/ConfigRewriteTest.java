package io.chancery.cli.hsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.signer.hsm.Pkcs11Uri;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class ConfigRewriteTest {
    @TempDir
    private Path folder;

    @Test
    void a_write_that_fails_leaves_no_half_written_file() throws Exception {
        Path file = Files.writeString(folder.resolve("ca.json"), "{}");
        ConfigRewrite rewrite = new ConfigRewrite(file);
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> rewrite.pointToToken(false, Pkcs11Uri.parse("pkcs11:token=x"), "a", "01"))
                    .isInstanceOf(ClosedByInterruptException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(file).hasContent("{}");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(file);
        }
    }
}
