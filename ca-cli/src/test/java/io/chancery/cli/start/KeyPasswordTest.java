package io.chancery.cli.start;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class KeyPasswordTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n", " ", " \t\r\n\n"})
    void white_space_at_the_end_of_its_file_is_no_part_of_a_password_and_any_other_is(String end) throws Exception {
        Path file = Files.writeString(folder.resolve("password"), " a  password" + end);
        assertThat(KeyPassword.of(file).chars()).containsExactly(" a  password".toCharArray());
    }
}
