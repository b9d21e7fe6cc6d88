package io.chancery.signer.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.secret.Secret;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RefusedPinsTest {
    private static final Optional<Secret> WRONG = Optional.of(Secret.of("12345678"));
    private static final Optional<Secret> OTHER = Optional.of(Secret.of("87654321"));

    @TempDir
    Path folder;

    private RefusedPins pins() {
        return QuickPins.in(folder);
    }

    @Test
    void a_refused_pin_is_known_to_the_next_process_for_this_token_alone_and_another_pin_is_not() {
        String unused = pins().add("serial 1", WRONG);
        RefusedPins next = pins();
        assertThat(next.contains("serial 1", WRONG)).isTrue();
        assertThat(next.contains("serial 1", OTHER)).isFalse();
        assertThat(next.contains("serial 2", WRONG)).isFalse();
        assertThat(next.contains("serial 1", WRONG)).isTrue();
        assertThat(next.knows("serial 1")).isTrue();
        assertThat(next.knows("serial 2")).isFalse();
    }

    @Test
    void refused_pins_of_one_token_have_one_salt_and_names_of_their_own() throws Exception {
        String first = pins().add("serial", WRONG);
        String second = pins().add("serial", OTHER);
        List<String[]> entries = Files.readAllLines(folder.resolve("refused-pins")).stream()
                .filter(line -> line.startsWith("pin "))
                .map(line -> line.split(" "))
                .toList();
        assertThat(entries).extracting(words -> words[2]).hasSize(2).containsOnly(entries.get(0)[2]);
        assertThat(first).isNotEqualTo(second);
        assertThat(pins().lastOwn("serial")).contains(second);
        assertThat(pins().contains("serial", WRONG)).isTrue();
        assertThat(pins().contains("serial", OTHER)).isTrue();
    }

    @Test
    void an_entry_of_an_older_version_whose_salt_is_its_name_is_still_read() throws Exception {
        String name = pins().add("serial", WRONG);
        Path file = folder.resolve("refused-pins");
        String salt = Files.readString(file).replaceAll("(?s).*pin \\S+ (\\S+) .*", "$1");
        Path unused = Files.writeString(
                file,
                Files.readString(file)
                        .replaceAll("(?m)^(pin \\S+ \\S+ \\S+) \\S+$", "$1")
                        .replaceAll(
                                "(?m)^(heard \\S+) .*$",
                                "$1 " + HexFormat.of().formatHex(salt.getBytes(StandardCharsets.UTF_8))));
        assertThat(name).isNotEqualTo(salt);
        assertThat(pins().contains("serial", WRONG)).isTrue();
        assertThat(pins().lastOwn("serial")).contains(salt);
        String second = pins().add("serial", OTHER);
        assertThat(pins().lastOwn("serial")).contains(second);
    }

    @Test
    void the_file_is_its_owners_alone_and_holds_no_pin() throws Exception {
        String unused = pins().add("serial", WRONG);
        Path file = folder.resolve("refused-pins");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(Files.readString(file)).doesNotContain("12345678").doesNotContain("3132333435363738");
    }

    @Test
    void an_operators_word_is_good_for_one_login() throws Exception {
        RefusedPins running = pins();
        String unused = running.add("serial", WRONG);
        assertThat(running.takePermit("serial")).isFalse();
        assertThat(pins().permitRetry()).isEqualTo(1);
        assertThat(running.contains("serial", WRONG)).isFalse();
        assertThat(running.takePermit("another")).isFalse();
        assertThat(running.takePermit("serial")).isTrue();
        assertThat(running.takePermit("serial")).isFalse();
        assertThat(running.takePermit()).as("where somebody else was refused").isTrue();
        assertThat(running.takePermit()).isFalse();
    }

    @Test
    void an_accepted_pin_is_forgotten_alone_and_what_was_refused_before_explains_nothing_any_more() {
        RefusedPins pins = pins();
        String unused = pins.add("serial", WRONG);
        unused = pins.add("serial", OTHER);
        unused = pins.add("another", OTHER);
        pins.accepted("serial", OTHER);
        assertThat(pins().contains("serial", OTHER)).isFalse();
        assertThat(pins().contains("serial", WRONG)).as("tried once").isTrue();
        assertThat(pins().knows("serial"))
                .as("the token counts no wrong PIN of this node")
                .isFalse();
        assertThat(pins().contains("another", OTHER)).isTrue();
        assertThat(pins().knows("another")).isTrue();
        pins().accepted("serial", WRONG);
        assertThat(pins().contains("serial", WRONG)).isFalse();
    }

    @Test
    void of_what_was_refused_and_heard_long_ago_the_oldest_is_forgotten() throws Exception {
        String token = HexFormat.of().formatHex("serial".getBytes(StandardCharsets.UTF_8));
        List<String> lines = new ArrayList<>();
        for (int i = 10; i < 50; i++) {
            lines.add("heard " + token + " " + i);
        }
        for (int i = 10; i < 16; i++) {
            lines.add("was " + token + " " + i + " " + i);
        }
        Path file = Files.write(folder.resolve("refused-pins"), lines);
        String last = pins().add("serial", WRONG);
        pins().accepted("serial", OTHER);
        assertThat(pins().heard("serial", last)).isTrue();
        assertThat(pins().contains("serial", WRONG)).isTrue();
        assertThat(Files.readAllLines(file))
                .contains("heard " + token + " 19", "heard " + token + " 49", "was " + token + " 15 15")
                .doesNotContain("heard " + token + " 18", "was " + token + " 12 12")
                .filteredOn(line -> line.startsWith("was "))
                .hasSize(4);
    }

    @Test
    void where_a_line_is_damaged_nothing_is_known_until_an_operator_has_it_forgotten() throws Exception {
        String unused = pins().add("serial", WRONG);
        Path file = folder.resolve("refused-pins");
        String whole = Files.readString(file);
        Path unusedPath = Files.writeString(file, whole.replaceAll("(?m)^(pin .*).$", "$1!"));
        assertThatThrownBy(() -> pins().contains("serial", WRONG))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("damaged");
        unusedPath = Files.writeString(file, whole.replaceAll("(?m)^(pin \\S+ \\S+) .*$", "$1"));
        assertThatThrownBy(() -> pins().contains("serial", WRONG))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("damaged");
        int forgotten = pins().permitRetry();
        assertThat(forgotten).isEqualTo(1);
        assertThat(pins().contains("serial", WRONG)).isFalse();
    }

    @Test
    void a_pin_that_a_command_saw_accepted_is_refused_no_longer_and_the_nodes_own_still_is() {
        String unused = pins().add("serial", WRONG);
        pins().acceptedByCommand("serial", OTHER);
        assertThat(pins().contains("serial", WRONG)).isTrue();
        unused = pins().add("serial", OTHER);
        pins().acceptedByCommand("serial", OTHER);
        assertThat(pins().contains("serial", OTHER)).isFalse();
        assertThat(pins().contains("serial", WRONG)).isTrue();
    }

    @Test
    void a_refusal_is_acted_on_once_its_own_and_one_that_another_node_met() {
        pins().hear("serial", "id", WRONG);
        assertThat(pins().heard("serial", "id")).isTrue();
        assertThat(pins().heard("serial", "another")).isFalse();
        assertThat(pins().contains("serial", WRONG)).isTrue();
        assertThat(pins().lastOwn("serial")).as("not its own").isEmpty();
        String own = pins().add("serial", OTHER);
        assertThat(pins().lastOwn("serial")).contains(own);
        pins().accepted("serial", Optional.of(Secret.of("right")));
        assertThat(pins().lastOwn("serial")).isEmpty();
        assertThat(pins().heard("serial", own)).as("for ever").isTrue();
    }

    @Test
    void the_turns_file_belongs_to_the_user_of_the_folder_also_where_root_has_made_it() throws Exception {
        if (Files.getAttribute(folder, "unix:uid").equals(0)) {
            Path unused = Files.setAttribute(folder, "unix:uid", 990);
        }
        pins().turn("token", Duration.ofSeconds(5)).close();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                assertThat(Files.getAttribute(file, "unix:uid"))
                        .as(file.toString())
                        .isEqualTo(Files.getAttribute(folder, "unix:uid"));
            }
        }
        assertThat(folder).isDirectoryContaining(file -> file.toString().contains("refused-pins.turn-"));
    }

    @Test
    void where_it_cannot_be_seen_whether_the_file_is_there_nothing_is_known() throws Exception {
        // As in a folder that may not be searched, Files.exists says no; and root may search every one.
        Path loop = folder.resolve("refused-pins");
        Path unused = Files.createSymbolicLink(loop, loop);
        assertThatThrownBy(() -> pins().contains("serial", WRONG)).isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void where_the_file_cannot_be_written_the_process_remembers() {
        Path file = folder.resolve("none");
        RefusedPins pins = QuickPins.in(file);
        String unused = pins.add("serial", WRONG);
        assertThat(pins.contains("serial", WRONG)).isTrue();
        assertThat(QuickPins.in(file).contains("serial", WRONG))
                .as("for each of its keys")
                .isTrue();
        RefusedPins inMemory = RefusedPins.ofThisProcess();
        unused = inMemory.add("serial", WRONG);
        assertThat(inMemory.contains("serial", WRONG)).isTrue();
        assertThat(inMemory.contains("serial", OTHER)).isFalse();
    }

    @Test
    void a_command_that_hangs_at_the_token_keeps_others_of_the_node_waiting_for_so_long_and_no_longer() {
        RefusedPins pins = pins();
        Optional<Boolean> others = pins.inTurn("serial", Duration.ZERO, Duration.ofMillis(500), () -> {
            assertThatThrownBy(() -> pins.turn("serial", Duration.ZERO)).isInstanceOf(SigningKeyException.class);
            pins.turn("serial", Duration.ofSeconds(10)).close();
            return true;
        });
        assertThat(others).contains(true);
        assertThat(pins.inTurn("serial", Duration.ZERO, () -> true)).contains(true);
    }
}
