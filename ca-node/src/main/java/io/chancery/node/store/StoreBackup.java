package io.chancery.node.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Copies of a store: made while the CA runs, put back while it does not. Blocks. */
public final class StoreBackup {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);
    /** What SQLite keeps beside a database: of no use without it, nor it without them. */
    private static final List<String> BESIDE = List.of("-journal", "-wal", "-shm");

    private StoreBackup() {}

    /**
     * Writes the store as it is at this moment to a new file (0600), checked and on disk when this returns; certificates
     * are issued meanwhile. The copy has a birth id of its own, so that a new epoch begins even where it is put back by
     * hand.
     *
     * @throws StoreException when the store cannot be read, or the file is there already or cannot be written
     */
    public static void write(Path folder, Path target, String birthId) throws StoreException {
        Path store = existing(folder);
        if (Files.exists(target)) {
            throw new StoreException(target + " is there already; name a new file");
        }
        Path partial = target.resolveSibling(target.getFileName() + ".partial");
        copy(store, partial, birthId);
        try {
            Path unused = Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
            Path parent = target.toAbsolutePath().getParent();
            if (parent != null) {
                sync(parent);
            }
        } catch (IOException e) {
            throw new StoreException("the backup " + target + " cannot be written: " + SqlFault.explain(e), e);
        }
    }

    /**
     * Puts a backup in the place of the store; the store that was there is kept beside it. A new epoch
     * begins with it: tokens issued until then are refused. One that was broken off anywhere is repeated by the same call.
     *
     * @return the file under which the old store is kept, if there was one
     * @throws StoreException when a node has the store open, or the backup is damaged, none of ours, or too new
     */
    public static Optional<Path> restore(Path folder, Path backup, String birthId, Instant now) throws StoreException {
        try (StoreFolder locked = StoreFolder.lock(folder)) {
            Path coming = locked.path().resolve(StoreFolder.RESTORING);
            if (Files.exists(coming) && Files.isSameFile(backup, coming)) {
                throw new StoreException(backup + " is left of a restore that broke off; name the backup itself");
            }
            Path store = SqliteFile.database(locked.path());
            NavigableMap<Instant, Path> before = keptBefore(locked.path());
            Optional<Path> half = halfTaken(locked.path(), before);
            if (half.isPresent()) {
                takeRest(store, half.get()); // before the backup is looked at, as that may be this very file
            }
            check(backup);
            Path kept = half.orElse(next(locked.path(), before, now));
            boolean hadStore = half.isPresent() || Files.exists(store);
            if (!hadStore) {
                // Nobody knows whose. Now, as later they would be taken for those of an earlier restore.
                takeRest(store, kept);
            }
            sync(locked.path());
            copy(backup, coming, birthId);
            StoreFolder.giveToOwnerOfFolder(coming);
            // As long as that file is there no node starts, so it does not matter where this is broken off. It is on
            // the
            // disk before the old files go, and they are gone there before it becomes the store: SQLite would take an
            // old
            // -wal for the new file's.
            sync(locked.path());
            if (Files.exists(store)) {
                // First: from now on nobody can open it without what belongs to it.
                Path unused = Files.move(store, kept);
                sync(locked.path());
            }
            takeRest(store, kept);
            sync(locked.path());
            Path unused = Files.move(coming, store, StandardCopyOption.ATOMIC_MOVE);
            sync(locked.path());
            new SqlitePlace(locked.path()).beginEpochOfRestored(now);
            return hadStore ? Optional.of(kept) : Optional.empty();
        } catch (IOException e) {
            throw new StoreException("the store in " + folder + " cannot be replaced: " + SqlFault.explain(e), e);
        }
    }

    /** The stores that restores took away, by when; nothing that somebody has named himself. */
    private static NavigableMap<Instant, Path> keptBefore(Path folder) throws IOException {
        NavigableMap<Instant, Path> kept = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.forEach(file -> taken(file).ifPresent(when -> kept.put(when, file)));
        }
        return kept;
    }

    private static Optional<Instant> taken(Path file) {
        String name = String.valueOf(file.getFileName());
        if (!name.startsWith(StoreFolder.BEFORE_RESTORE)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Instant.from(STAMP.parse(name.substring(StoreFolder.BEFORE_RESTORE.length()))));
        } catch (DateTimeException e) {
            return Optional.empty(); // what lies beside one, or a copy
        }
    }

    /** Where a restore that broke off has put the store, though maybe not all that lay beside it. */
    private static Optional<Path> halfTaken(Path folder, NavigableMap<Instant, Path> before) {
        boolean taken =
                !Files.exists(SqliteFile.database(folder)) && Files.exists(folder.resolve(StoreFolder.RESTORING));
        return taken && !before.isEmpty() ? Optional.of(before.lastEntry().getValue()) : Optional.empty();
    }

    /** A name after all that are there, also when the clock was ahead then: the last one is the one that may be a half. */
    private static Path next(Path folder, NavigableMap<Instant, Path> before, Instant now) {
        Instant time = before.isEmpty() || now.isAfter(before.lastKey().plusMillis(1))
                ? now
                : before.lastKey().plusMillis(1);
        return folder.resolve(StoreFolder.BEFORE_RESTORE + STAMP.format(time));
    }

    /** A log of changes that is parted from its database takes them with it. */
    private static void takeRest(Path store, Path kept) throws IOException {
        for (String end : BESIDE) {
            Path old = store.resolveSibling(SqliteFile.NAME + end);
            if (Files.exists(old)) {
                Path unused = Files.move(old, kept.resolveSibling(kept.getFileName() + end));
            }
        }
    }

    private static void check(Path backup) throws StoreException {
        if (!Files.isRegularFile(backup)) {
            throw new StoreException("there is no file " + backup);
        }
        StoreSchema.check(backup);
        if (!StoreSchema.hasEpoch(backup)) {
            throw new StoreException(backup + " is no backup of a store: it has none of its tables, or no epoch");
        }
        StoreSchema.refuseNewer(backup);
    }

    private static Path existing(Path folder) throws StoreException {
        Path store = SqliteFile.database(folder);
        if (!Files.exists(store)) {
            throw new StoreException("there is no store in " + folder);
        }
        return store;
    }

    private static void copy(Path from, Path to, String birthId) throws StoreException {
        try {
            boolean unused = Files.deleteIfExists(to);
            StoreFolder.makeFile(to);
        } catch (IOException e) {
            throw new StoreException(to + " cannot be made: " + SqlFault.explain(e), e);
        }
        try {
            try (Connection source = SqliteFile.forReading(from);
                    PreparedStatement statement = source.prepareStatement("VACUUM INTO ?")) {
                statement.setString(1, to.toString());
                boolean ignored = statement.execute();
            }
            try (Connection copy = SqliteFile.connect(to.toString(), new Properties());
                    PreparedStatement statement =
                            copy.prepareStatement("UPDATE store_identity SET birth_id = ? WHERE id = 1")) {
                statement.setString(1, birthId);
                int ignored = statement.executeUpdate();
            }
            StoreSchema.check(to);
            sync(to);
        } catch (SQLException | IOException | StoreException e) {
            discard(to, e);
            throw new StoreException("no copy of " + from + " was made: " + SqlFault.explain(e), e);
        }
    }

    private static void discard(Path file, Exception cause) {
        try {
            boolean unused = Files.deleteIfExists(file);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private static void sync(Path file) throws IOException {
        // A folder is opened for reading; what it names is then on disk, too.
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
