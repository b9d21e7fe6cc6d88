package io.chancery.cli.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.cli.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TemplateFilesTest {
    @TempDir
    Path folder;

    private static String read(String name) throws UsageException {
        return TemplateFiles.read(name, Map.of());
    }

    /** As step does on a machine of somebody whose home is the folder. */
    private String readAtHome(String name) throws UsageException {
        return TemplateFiles.read(name, Map.of("HOME", folder.toString()));
    }

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Path unused = Files.createDirectories(file.getParent());
        Path written = Files.writeString(file, text);
        assertThat(written).isNotEmptyFile();
    }

    @Test
    void a_relative_name_is_in_the_folder_of_step_and_one_with_a_tilde_at_home() throws Exception {
        write(".step/templates/leaf.tpl", "of step");
        write("other/templates/leaf.tpl", "of another step");
        write("templates/leaf.tpl", "at home");
        assertThat(readAtHome("templates/leaf.tpl")).isEqualTo("of step");
        assertThat(readAtHome("~/templates/leaf.tpl")).isEqualTo("at home");
        assertThat(TemplateFiles.read(
                        "templates/leaf.tpl",
                        Map.of(
                                "HOME",
                                folder.toString(),
                                "STEPPATH",
                                folder.resolve("other").toString())))
                .isEqualTo("of another step");
    }

    @Test
    void a_relative_name_is_with_the_authority_of_steps_current_context_where_there_is_one() throws Exception {
        write(".step/leaf.tpl", "of step");
        write(".step/authorities/one.example/leaf.tpl", "of the authority");
        write(".step/contexts.json", "{\"one\":{\"authority\":\"one.example\",\"profile\":\"p\"}}");
        assertThat(readAtHome("leaf.tpl")).isEqualTo("of step");
        write(".step/current-context.json", "{\"context\":\"one\"}");
        assertThat(readAtHome("leaf.tpl")).isEqualTo("of the authority");
        assertThat(readAtHome(folder.resolve(".step/leaf.tpl").toString())).isEqualTo("of step");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"context\":\"two\"}", "{\"context\":\"\"}", "{}", "null", "rubbish"})
    void a_relative_name_is_refused_where_the_current_context_cannot_be_told(String current) throws Exception {
        write(".step/leaf.tpl", "of step");
        write(".step/contexts.json", "{\"one\":{\"authority\":\"one.example\"}}");
        write(".step/current-context.json", current);
        assertThatThrownBy(() -> readAtHome("leaf.tpl"))
                .isInstanceOf(UsageException.class)
                .hasMessage("a templateFile of ca.json is in the folder of step's current context, and which that is"
                        + " cannot be read of " + folder + "/.step/current-context.json and " + folder
                        + "/.step/contexts.json; an absolute path needs neither");
    }

    @Test
    void a_file_is_read_under_the_name_that_it_is_called_by() throws Exception {
        String file = Files.writeString(folder.resolve("leaf.tpl"), "{}").toString();
        assertThat(read(file)).isEqualTo("{}");
    }

    @Test
    void what_is_no_regular_file_or_no_path_or_not_there_is_named() {
        assertThatThrownBy(() -> read(folder.toString()))
                .isInstanceOf(UsageException.class)
                .hasMessage("the template file " + folder + " is no regular file");
        assertThatThrownBy(() -> read("a\0b"))
                .isInstanceOf(UsageException.class)
                .hasMessage("ca.json names a templateFile that is no path: a?b");
        assertThatThrownBy(() -> read(folder + "/none"))
                .isInstanceOf(UsageException.class)
                .hasMessageEndingWith("there is no such file");
    }
}
