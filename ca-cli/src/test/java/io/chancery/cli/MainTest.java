package io.chancery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.testing.MutableInstantSource;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
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

/** What the command line says to one who uses it wrongly. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class MainTest {
    @TempDir
    private Path folder;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private int chancery(String... arguments) {
        printed.reset();
        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
        return Main.run(
                new Surroundings(
                        out,
                        out,
                        new MutableInstantSource(Instant.parse("2026-06-01T12:00:00Z")),
                        new SecureRandom(),
                        new ProcessEnd()),
                arguments);
    }

    private String said() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void an_option_that_is_not_known_is_named_also_where_an_argument_is_missing() {
        assertThat(chancery("start", "--frob")).isEqualTo(2);
        assertThat(said()).contains("--frob").doesNotContain("Missing");
        assertThat(chancery("start")).isEqualTo(2);
        assertThat(said()).contains("CA_JSON");
    }

    @Test
    void a_folder_in_place_of_ca_json_is_called_one_and_the_file_in_it_is_named() throws Exception {
        assertThat(chancery("start", folder.toString())).isEqualTo(2);
        assertThat(said()).contains(folder + ": it is a folder").doesNotContain("Exception", "perhaps");
        Path caJson = Files.writeString(
                Files.createDirectory(folder.resolve("config")).resolve("ca.json"), "{}");
        assertThat(chancery("start", folder.toString())).isEqualTo(2);
        assertThat(said()).contains("perhaps " + caJson);
        assertThat(chancery("start", folder.resolve("none.json").toString())).isEqualTo(2);
        assertThat(said()).contains("there is no such file").doesNotContain("Exception");
    }

    @Test
    void output_that_could_not_be_written_is_a_failure() {
        OutputStream full = new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        assertThat(Main.run(
                        new Surroundings(
                                new PrintStream(new BufferedOutputStream(full), false, StandardCharsets.UTF_8),
                                new PrintStream(printed, true, StandardCharsets.UTF_8),
                                new MutableInstantSource(Instant.parse("2026-06-01T12:00:00Z")),
                                new SecureRandom(),
                                new ProcessEnd()),
                        "--version"))
                .isEqualTo(1);
        assertThat(said()).contains("could not be written");
        assertThat(chancery("--version")).isZero();
    }

    @Test
    void a_state_is_understood_in_any_case() throws Exception {
        Path caJson = Files.writeString(
                folder.resolve("ca.json"), "{\"root\":\"r\",\"crt\":\"c\",\"key\":\"k\",\"address\":\":0\"}");
        for (String state : new String[] {"issued", "ISSUED", "Revoked"}) {
            assertThat(chancery("store", "list", "--state", state, caJson.toString()))
                    .isEqualTo(1);
            assertThat(said()).as(state).contains("there is no store");
        }
        assertThat(chancery("store", "list", "--state", "good", caJson.toString()))
                .isEqualTo(2);
        assertThat(said()).contains("issued", "revoked");
    }

    @Test
    void nodes_that_would_listen_at_the_same_place_are_not_made() {
        Path cluster = folder.resolve("cluster");
        assertThat(chancery("cluster", "init", cluster.toString(), "--name", "c", "--node", "n1=10.0.0.1:5701:5701"))
                .isEqualTo(2);
        assertThat(said()).contains("the same port");
        for (String second : new String[] {"10.0.0.1:5701:5801", "10.0.0.1:5702:5801", "10.0.0.1:5801:5802"}) {
            assertThat(chancery(
                            "cluster",
                            "init",
                            cluster.toString(),
                            "--name",
                            "c",
                            "--node",
                            "n1=10.0.0.1:5701:5801",
                            "--node",
                            "n2=" + second))
                    .as(second)
                    .isEqualTo(2);
            assertThat(said()).contains("n1 and n2 would both listen at 10.0.0.1:");
        }
        assertThat(cluster).doesNotExist();
    }
}
