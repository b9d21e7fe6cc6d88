package io.chancery.signer.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(30)
class NodeTurnTest {
    @TempDir
    Path folder;

    @Test
    void a_process_waits_while_another_one_is_at_the_token_and_not_for_ever() throws Exception {
        Path file = folder.resolve("turn");
        Process other = holder(file, Duration.ofSeconds(5));
        try {
            assertThat(other.inputReader().readLine()).isEqualTo("held");
            assertThatThrownBy(() -> NodeTurn.take(file, Duration.ofMillis(100)))
                    .isInstanceOfSatisfying(
                            SigningKeyException.class,
                            e -> assertThat(e.kind()).isEqualTo(SigningKeyException.Kind.AWAY));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            other.getOutputStream().close();
            NodeTurn.take(file, Duration.ofSeconds(10)).close();
            assertThat(other.waitFor(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            Process unused = other.destroyForcibly();
        }
    }

    @Test
    void the_turn_of_this_process_is_not_let_go_when_it_tries_to_have_it_once_more() throws Exception {
        Path file = folder.resolve("turn");
        NodeTurn mine = NodeTurn.take(file, Duration.ofMillis(100));
        assertThatThrownBy(() -> NodeTurn.take(file, Duration.ofMillis(1)))
                .isInstanceOfSatisfying(
                        SigningKeyException.class,
                        e -> assertThat(e.isOthersTurn()).isTrue());
        Process other = holder(file, Duration.ofMillis(1));
        try {
            assertThat(other.inputReader().readLine()).as("held").isNull();
        } finally {
            Process unused = other.destroyForcibly();
        }
        mine.close();
        NodeTurn next = NodeTurn.take(file, Duration.ofMillis(1));
        mine.close();
        assertThatThrownBy(() -> NodeTurn.take(file, Duration.ofMillis(1))).isInstanceOf(SigningKeyException.class);
        next.close();
    }

    private static Process holder(Path file, Duration patience) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        TurnHolder.class.getName(),
                        file.toString(),
                        patience.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    @Test
    void where_the_file_cannot_be_made_nobody_is_waited_for() {
        NodeTurn.take(folder.resolve("none/turn"), Duration.ofMillis(100)).close();
    }
}
