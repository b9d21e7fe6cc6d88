package io.chancery.cli.start;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Why a file cannot be read, in words: what Java says is often the file's name alone. */
final class FileTrouble {
    private FileTrouble() {}

    static String of(Path file, IOException failure) {
        if (Files.isDirectory(file)) {
            return "it is a folder";
        }
        if (failure instanceof NoSuchFileException) {
            return Files.isSymbolicLink(file) ? "it is a link to nothing" : "there is no such file";
        }
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (failure instanceof CharacterCodingException) {
            return "it is no text in UTF-8";
        }
        return failure.getClass().getSimpleName();
    }
}
