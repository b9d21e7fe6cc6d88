package io.chancery.signer.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class OwnersFileTest {
    @Test
    void lines_are_changed_as_a_whole_under_a_line_for_people(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("lines");
        OwnersFile.at(file, "# for people").keep(lines -> Set.of("one"));
        assertThat(OwnersFile.at(file, "# for people").lines()).containsExactly("one");
        OwnersFile.at(file, "# for people").keep(lines -> lines.contains("one") ? Set.of("two") : Set.of());
        assertThat(Files.readAllLines(file)).containsExactly("# for people", "two");
    }

    @Test
    void what_cannot_be_written_is_remembered_but_not_by_command_and_is_written_with_the_next_change(
            @TempDir Path folder) throws Exception {
        Path missing = folder.resolve("missing");
        OwnersFile file = OwnersFile.at(missing.resolve("lines"), "#");
        file.keep(lines -> Set.of("kept"));
        assertThat(file.unwritten()).isEqualTo(1);
        assertThatThrownBy(() -> file.change(lines -> Set.of())).isInstanceOf(IOException.class);
        assertThat(file.lines()).containsExactly("kept");
        Path made = Files.createDirectory(missing);
        file.keep(lines -> lines);
        assertThat(file.unwritten()).isZero();
        assertThat(Files.readAllLines(made.resolve("lines"))).containsExactly("#", "kept");
    }

    @Test
    void what_root_wrote_goes_to_whom_the_folder_or_the_old_file_belongs_and_all_else_stays() {
        OptionalInt none = OptionalInt.empty();
        OptionalInt signer = OptionalInt.of(990);
        assertThat(OwnersFile.reader(0, 990, none)).isEqualTo(signer);
        assertThat(OwnersFile.reader(0, 0, signer)).as("a folder of root's").isEqualTo(signer);
        assertThat(OwnersFile.reader(0, 0, OptionalInt.of(0))).isEqualTo(none);
        assertThat(OwnersFile.reader(0, 0, none)).isEqualTo(none);
        assertThat(OwnersFile.reader(990, 0, none))
                .as("the service may give nothing away")
                .isEqualTo(none);
        assertThat(OwnersFile.reader(990, 1000, signer)).isEqualTo(none);
    }
}
