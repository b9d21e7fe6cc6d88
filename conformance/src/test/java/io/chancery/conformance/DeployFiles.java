package io.chancery.conformance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The files of {@code cluster-config/deploy}, and copies of them that fit this machine. */
final class DeployFiles {
    private DeployFiles() {}

    static Path folder() {
        return Path.of(System.getProperty("chancery.home"), "cluster-config/deploy");
    }

    static String text(String file) throws IOException {
        return StepPki.text(folder().resolve(file));
    }

    /**
     * Writes a copy with texts replaced. Each must be there: or the test would run something else than what is shipped.
     */
    static Path copy(String file, Path to, Map<String, String> replaced) throws IOException {
        String text = text(file);
        for (Map.Entry<String, String> each : replaced.entrySet()) {
            if (!text.contains(each.getKey())) {
                throw new AssertionError(file + " does not contain " + each.getKey());
            }
            text = text.replace(each.getKey(), each.getValue());
        }
        return Files.writeString(to, text, StandardCharsets.UTF_8);
    }
}
