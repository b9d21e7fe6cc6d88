package io.chancery.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** Writes files that their owner alone can read. */
public final class SecretFiles {
    private SecretFiles() {}

    /** Fails when the file is there already. */
    public static void write(Path file, String text) throws IOException {
        Path unused = Files.createFile(
                file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Path ignored = Files.writeString(file, text, StandardCharsets.UTF_8, StandardOpenOption.WRITE);
        WholeFiles.toDisk(file);
    }

    /** In place of the file that is there, in one step: nobody sees half of it. */
    public static void replace(Path file, String text) throws IOException {
        Path beside = WholeFiles.beside(file);
        boolean unused = Files.deleteIfExists(beside); // of a run that was broken off
        write(beside, text);
        WholeFiles.take(beside, file);
    }
}
