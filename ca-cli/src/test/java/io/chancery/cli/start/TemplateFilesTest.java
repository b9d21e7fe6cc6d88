package io.chancery.cli.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.cli.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TemplateFilesTest {
    @TempDir
    Path folder;

    @Test
    void a_file_is_read_under_the_name_that_it_is_called_by() throws Exception {
        String file = Files.writeString(folder.resolve("leaf.tpl"), "{}").toString();
        assertThat(TemplateFiles.read(file)).isEqualTo("{}");
    }

    @Test
    void what_is_no_regular_file_or_no_path_or_not_there_is_named() {
        assertThatThrownBy(() -> TemplateFiles.read(folder.toString()))
                .isInstanceOf(UsageException.class)
                .hasMessage("the template file " + folder + " is no regular file");
        assertThatThrownBy(() -> TemplateFiles.read("a\0b"))
                .isInstanceOf(UsageException.class)
                .hasMessage("ca.json names a templateFile that is no path: a?b");
        assertThatThrownBy(() -> TemplateFiles.read(folder + "/none"))
                .isInstanceOf(UsageException.class)
                .hasMessageEndingWith("there is no such file");
    }
}
