package io.chancery.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.error.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** docs/errors.md has every code with its status, and no other. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ErrorPageTest {
    @Test
    void the_page_and_the_codes_are_the_same() throws Exception {
        List<String> page = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("../docs/errors.md"), StandardCharsets.UTF_8)) {
            if (line.matches("\\| [A-Z_]+ \\| \\d{3} \\|.*")) {
                String[] cells = line.split("\\|");
                page.add(cells[1].strip() + " " + cells[2].strip());
            }
        }
        List<String> codes = new ArrayList<>();
        for (ErrorCode code : ErrorCode.values()) {
            codes.add(code + " " + StepErrors.status(code));
        }
        assertThat(page).containsExactlyInAnyOrderElementsOf(codes);
    }
}
