package io.chancery.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/** Writes files that others read meanwhile. */
public final class WholeFiles {
    private WholeFiles() {}

    /** In place of the file that is there, or a new one, in one step, on the disk: nobody sees half of it, ever. */
    public static void replace(Path file, String text) throws IOException {
        Path beside = beside(file);
        Path unused = Files.writeString(beside, text, StandardCharsets.UTF_8);
        toDisk(beside);
        take(beside, file);
    }

    /**
     * Waits until what was written to a file is there after a power cut, too; of a folder, the names in it: files that came,
     * went, or were put in the place of others.
     */
    public static void toDisk(Path place) throws IOException {
        try (FileChannel channel = FileChannel.open(place, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Where what will take its place is made ready: in the same folder, so that one move does it. */
    public static Path beside(Path file) {
        return file.resolveSibling(file.getFileName() + ".new");
    }

    /** Also for a power cut: one of the two is there after it, and once this has returned it is the new one. */
    public static void take(Path beside, Path file) throws IOException {
        Path moved = Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        toDisk(Objects.requireNonNull(moved.toAbsolutePath().getParent()));
    }
}
