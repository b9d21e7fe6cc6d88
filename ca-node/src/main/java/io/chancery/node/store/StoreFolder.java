package io.chancery.node.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The folder of a SQLite store: one process at a time, and no step-ca's memory lost by accident. The lock is the
 * operating system's, on a file that says which process holds it: it ends with the process, however that ends.
 */
final class StoreFolder implements AutoCloseable {
    /** A restore's copy before it becomes the store; when it is left behind, the restore was broken off. */
    static final String RESTORING = SqliteFile.NAME + ".restoring";

    /** How the names of stores begin that a restore took away. */
    static final String BEFORE_RESTORE = SqliteFile.NAME + ".before-restore-";

    private static final String SIGNATURES = "signatures.log";
    private static final String SERVER_CERTIFICATE = "server-certificate.pem";
    private static final FileAttribute<?> OWNER_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<?> FOLDER_OF_OWNER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    /** Closing any channel of a file drops this process's locks on it, so a second one must not even be opened. */
    private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final FileChannel lockFile;

    private StoreFolder(Path folder, FileChannel lockFile) {
        this.folder = folder;
        this.lockFile = lockFile;
    }

    /** Makes the folder (0700) when it is not there, and takes its lock. */
    static StoreFolder lock(Path path) throws StoreException {
        try {
            // Looked at first, as the folder may be a link.
            if (!Files.isDirectory(path)) {
                Path unused = Files.createDirectories(path, FOLDER_OF_OWNER);
            }
            Path folder = path.toRealPath();
            if (!HELD_HERE.add(folder)) {
                throw taken(folder, "this process has the store open already");
            }
            try {
                return new StoreFolder(folder, locked(folder));
            } catch (StoreException | IOException | RuntimeException e) {
                boolean unused = HELD_HERE.remove(folder);
                throw e;
            }
        } catch (IOException e) {
            throw new StoreException("the store's folder " + path + " cannot be used: " + SqlFault.explain(e), e);
        }
    }

    private static FileChannel locked(Path folder) throws StoreException, IOException {
        FileChannel channel = FileChannel.open(
                folder.resolve(SqliteFile.NAME + ".lock"),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                OWNER_ALONE);
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw taken(folder, "another process has the store open" + holder(channel));
            }
            giveToOwnerOfFolder(folder.resolve(SqliteFile.NAME + ".lock"));
            FileChannel unused = channel.truncate(0);
            int ignored = channel.write(
                    ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
            return channel;
        } catch (StoreException | IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static StoreException taken(Path folder, String who) {
        return new StoreException(who + " (" + folder.resolve(SqliteFile.NAME + ".lock")
                + "). One API node at a time may use a SQLite store; stop the other one first");
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(20);
        int read = channel.read(text, 0);
        String pid = new String(text.array(), 0, Math.max(0, read), StandardCharsets.US_ASCII).strip();
        return pid.matches("[0-9]+") ? ", process " + pid : "";
    }

    /** The folder, with links followed. */
    Path path() {
        return folder;
    }

    /** StoreException when what is there is no whole store, and to make a new one would hide that. */
    void refuseHalfStore() throws StoreException {
        if (Files.exists(folder.resolve(RESTORING))) {
            throw new StoreException("a restore was broken off in " + folder + ": run chancery store restore again");
        }
        if (!hasNoDatabase()) {
            return;
        }
        if (Files.exists(folder.resolve(SqliteFile.NAME + "-wal")) || has(BEFORE_RESTORE + "*")) {
            throw new StoreException(SqliteFile.NAME + " is gone from " + folder
                    + ", and other files of a store are there: put it back, or a backup (chancery store restore)");
        }
    }

    /** An empty file counts as none: its making was broken off. */
    boolean hasNoDatabase() throws StoreException {
        return isEmpty(folder.resolve(SqliteFile.NAME));
    }

    /**
     * Whether this CA has worked here, so that a new store cannot be its first: its own signer has signed, or the node, which
     * may have none, has a certificate that the CA made for it.
     */
    boolean hasWorked() throws StoreException {
        return hasWorked(folder);
    }

    static boolean hasWorked(Path folder) throws StoreException {
        return !isEmpty(folder.resolve(SIGNATURES)) || !isEmpty(folder.resolve(SERVER_CERTIFICATE));
    }

    private static boolean isEmpty(Path file) throws StoreException {
        try {
            return !Files.exists(file) || Files.size(file) == 0;
        } catch (IOException e) {
            throw new StoreException(file + " cannot be read: " + SqlFault.explain(e), e);
        }
    }

    /** Makes an empty database file (0600) when there is none; SQLite gives its other files the same rights. */
    void makeDatabaseFile() throws StoreException {
        Path file = SqliteFile.database(folder);
        try {
            if (!Files.exists(file)) {
                makeFile(file);
            }
        } catch (IOException e) {
            throw new StoreException("the store " + file + " cannot be made: " + SqlFault.explain(e), e);
        }
    }

    /** An empty file that is its owner's alone; IOException when there is one. */
    static void makeFile(Path file) throws IOException {
        Path unused = Files.createFile(file, OWNER_ALONE);
    }

    /** For a file that root made where another user's CA works. Does nothing where that is not allowed. */
    static void giveToOwnerOfFolder(Path file) throws IOException {
        UserPrincipal owner = Files.getOwner(file.toAbsolutePath().getParent());
        if (!owner.equals(Files.getOwner(file))) {
            try {
                Path unused = Files.setOwner(file, owner);
            } catch (FileSystemException e) {
                // Not root: the file stays its maker's, who could make it.
                org.slf4j.LoggerFactory.getLogger(StoreFolder.class).debug("the owner stays", e);
            }
        }
    }

    /** Whether a step-ca has kept its tokens and revocations here. */
    boolean hasStepFiles() throws StoreException {
        return has(StepFiles.PATTERN);
    }

    private boolean has(String glob) throws StoreException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, glob)) {
            return files.iterator().hasNext();
        } catch (IOException e) {
            throw new StoreException("the store's folder " + folder + " cannot be read: " + SqlFault.explain(e), e);
        }
    }

    static @Nullable Object keyOf(Path file) {
        try {
            return Files.readAttributes(file, java.nio.file.attribute.BasicFileAttributes.class)
                    .fileKey();
        } catch (IOException e) {
            return null; // not there: no key is like it
        }
    }

    @Override
    public void close() throws IOException {
        try {
            lockFile.close();
        } finally {
            boolean unused = HELD_HERE.remove(folder);
        }
    }
}
