package io.chancery.cli.ceremony;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cli.ProcessEnd;
import io.chancery.cli.Surroundings;
import io.chancery.testing.MutableInstantSource;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LeftBehindTest {
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    private LeftBehind in(Path folder) {
        PrintStream err = new PrintStream(said, true, StandardCharsets.UTF_8);
        return new LeftBehind(
                folder,
                new Surroundings(
                        err,
                        err,
                        new MutableInstantSource(Instant.parse("2026-06-01T12:00:00Z")),
                        new SecureRandom(),
                        new ProcessEnd()));
    }

    @Test
    void what_to_remove_is_written_down_until_the_ceremony_is_closed_and_says_how_to_see_that_it_was(
            @TempDir Path folder) throws Exception {
        Path file = folder.resolve("begin-again.txt");
        LeftBehind left = in(folder);
        left.begin();
        assertThat(Files.readString(file))
                .contains("unless the last step in transcript.json is \"close the ceremony\"");
        left.closed();
        assertThat(file).doesNotExist();
        left.tell();
        assertThat(said.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void where_the_file_cannot_be_removed_a_closed_ceremony_is_closed_all_the_same_and_nobody_is_left_to_follow_it(
            @TempDir Path folder) throws Exception {
        Path inTheWay = folder.resolve("begin-again.txt/file");
        LeftBehind left = in(folder);
        left.begin();
        Files.delete(folder.resolve("begin-again.txt"));
        Path unused = Files.createDirectories(inTheWay.getParent());
        unused = Files.createFile(inTheWay);
        left.closed();
        assertThat(said.toString(StandardCharsets.UTF_8)).contains("begin-again.txt", "do not follow it, delete it");
    }
}
