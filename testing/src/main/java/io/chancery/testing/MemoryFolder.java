package io.chancery.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/** Folders in memory, for files of tests that need not outlive the machine; on disk where memory has no room for them. */
public final class MemoryFolder {
    private static final Path MEMORY = Path.of("/dev/shm");

    private MemoryFolder() {}

    /**
     * A new folder. Its name tells which process made it: what one left behind that was killed is removed here, as memory
     * would stay taken.
     *
     * @param room bytes that must be free there; a container may have 64 MB in all
     */
    public static Path create(String prefix, long room) throws IOException {
        if (!Files.isWritable(MEMORY) || Files.getFileStore(MEMORY).getUsableSpace() < room) {
            return Files.createTempDirectory(prefix);
        }
        removeLeftBehind(prefix);
        return Files.createTempDirectory(
                MEMORY, prefix + ProcessHandle.current().pid() + "-");
    }

    private static void removeLeftBehind(String prefix) throws IOException {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(MEMORY, prefix + "[0-9]*-*")) {
            for (Path folder : folders) {
                String maker = folder.getFileName()
                        .toString()
                        .substring(prefix.length())
                        .split("-", 2)[0];
                if (maker.matches("[0-9]{1,9}")
                        && ProcessHandle.of(Long.parseLong(maker)).isEmpty()
                        && isOurs(folder)) {
                    remove(folder);
                }
            }
        }
    }

    /** Everybody may write there. */
    private static boolean isOurs(Path folder) throws IOException {
        return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                && List.of(System.getProperty("user.name"), PostgresProcess.USER)
                        .contains(Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS)
                                .getName());
    }

    /** As far as it can be: another process may do the same, and a server may be just ending there. */
    private static void remove(Path folder) {
        try {
            PostgresProcess.deleteAll(folder);
        } catch (UncheckedIOException e) {
            // what is left is for the next one to remove
        }
    }
}
