package io.chancery.node.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** The folder of a SQLite store: one process at a time, and no step-ca's memory lost by accident. */
final class StoreFolder implements AutoCloseable {
    private static final String FILE = "chancery.db";
    private static final String STEP_FILES = "{MANIFEST,KEYREGISTRY,*.vlog,*.sst,*.mem,DISCARD}";

    private final Path folder;
    private final FileChannel lockFile;

    private StoreFolder(Path folder, FileChannel lockFile) {
        this.folder = folder;
        this.lockFile = lockFile;
    }

    static StoreFolder lock(Path folder) throws StoreException {
        Path file = folder.resolve(FILE + ".lock");
        try {
            Files.createDirectories(folder);
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (tryLock(channel) == null) {
                channel.close();
                throw new StoreException("another process has the store open (" + file
                        + "). One API node at a time may use a SQLite store; stop the other one first");
            }
            return new StoreFolder(folder, channel);
        } catch (IOException e) {
            throw new StoreException("the store's folder " + folder + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // held within this very process
        }
    }

    static Path database(Path folder) {
        return folder.resolve(FILE);
    }

    boolean isNew() {
        return !Files.exists(database(folder));
    }

    /** Whether a step-ca has kept its tokens and revocations here. */
    boolean hasStepFiles() throws StoreException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, STEP_FILES)) {
            return files.iterator().hasNext();
        } catch (IOException e) {
            throw new StoreException("the store's folder " + folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
