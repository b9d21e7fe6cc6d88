package io.chancery.node.store;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Files of step's own database in the folder of a SQLite store. Whoever runs {@code step … --offline} with the same
 * ca.json has step work there, past this CA: what it signs or revokes is in no table and no log of ours. Blocks.
 */
public final class StepFiles {
    /** Of Badger, which step init chooses. */
    static final String PATTERN = "{MANIFEST,KEYREGISTRY,*.vlog,*.sst,*.mem,DISCARD}";

    /** The store's beginning is known to the second. */
    private static final long SECONDS = 1;

    private StepFiles() {}

    /**
     * Those that were written after the store was made, by name; a step-ca that worked here before wrote the others.
     *
     * @param bboltFile another place where step may keep everything
     * @throws StoreException when there is no store, or it cannot be read
     */
    public static List<Path> writtenBeside(Path folder, Optional<Path> bboltFile) throws StoreException {
        Instant since = made(folder).plusSeconds(SECONDS);
        List<Path> written = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, PATTERN)) {
            for (Path file : files) {
                if (isWritten(file, since)) {
                    written.add(file);
                }
            }
            if (bboltFile.isPresent() && Files.exists(bboltFile.get()) && isWritten(bboltFile.get(), since)) {
                written.add(bboltFile.get());
            }
        } catch (IOException e) {
            throw new StoreException("the store's folder " + folder + " cannot be read: " + SqlFault.explain(e), e);
        }
        written.sort(null);
        return written;
    }

    private static boolean isWritten(Path file, Instant since) throws IOException {
        return Files.getLastModifiedTime(file).toInstant().isAfter(since);
    }

    /** A backup that was put back keeps its first epoch, so this is when the first of its stores was made. */
    private static Instant made(Path folder) throws StoreException {
        try (Connection connection = StorePlace.sqlite(folder).forReading();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT min(began_at) FROM store_epoch")) {
            return row.next() ? Instant.ofEpochSecond(row.getLong(1)) : Instant.EPOCH;
        } catch (SQLException e) {
            throw new StoreException("the store cannot be read: " + SqlFault.explain(e), e);
        }
    }
}
