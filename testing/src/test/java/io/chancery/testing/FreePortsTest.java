package io.chancery.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class FreePortsTest {
    /** No test listens there. */
    private static final int PORT = 1;

    @Test
    void the_file_of_taken_ports_is_for_every_user_and_is_opened_again(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("ports");
        try (FileChannel first = FreePorts.open(file);
                FileChannel second = FreePorts.open(file)) {
            assertThat(first.isOpen()).isTrue();
            assertThat(second.isOpen()).isTrue();
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-rw-rw-");
    }

    @Test
    void a_port_that_another_process_has_alone_is_waited_for(@TempDir Path folder) throws Exception {
        Path given = folder.resolve("given");
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        given.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (OutputStream release = other.getOutputStream()) {
            assertThat(other.getInputStream().read()).as("it has the port").isEqualTo('+');
            CompletableFuture<Boolean> asked = new CompletableFuture<>();
            CompletableFuture<Boolean> wasGiven = CompletableFuture.supplyAsync(() -> {
                boolean unused = asked.complete(true);
                try (FileLock alone = FreePorts.alone(PORT)) {
                    return alone.isValid() && Files.exists(given);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(asked.get()).isTrue();
            release.write('\n');
            release.flush();
            assertThat(wasGiven.get()).isTrue();
        } finally {
            other.destroyForcibly();
        }
    }

    /** Has the port until it reads something, and then says that it gives it. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] given) throws IOException {
            try (FileLock alone = FreePorts.alone(PORT)) {
                System.out.write(alone.isValid() ? '+' : '-');
                System.out.flush();
                int unused = System.in.read();
                Path unusedFile = Files.createFile(Path.of(given[0]));
            }
        }
    }
}
