package io.chancery.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes files that others read meanwhile. */
public final class WholeFiles {
    private WholeFiles() {}

    /** In place of the file that is there, or a new one, in one step: nobody sees half of it. */
    public static void replace(Path file, String text) throws IOException {
        Path beside = beside(file);
        Path unused = Files.writeString(beside, text, StandardCharsets.UTF_8);
        take(beside, file);
    }

    static Path beside(Path file) {
        return file.resolveSibling(file.getFileName() + ".new");
    }

    static void take(Path beside, Path file) throws IOException {
        Path ignored = Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
