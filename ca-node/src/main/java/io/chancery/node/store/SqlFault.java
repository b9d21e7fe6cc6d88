package io.chancery.node.store;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What a failure of the database means: whom it concerns, and what people can do about it. */
final class SqlFault {
    private static final int PRIMARY_CODE = 0xff;
    private static final Set<SQLiteErrorCode> OF_ONE_WRITE = Set.of(
            SQLiteErrorCode.SQLITE_CONSTRAINT,
            SQLiteErrorCode.SQLITE_ERROR,
            SQLiteErrorCode.SQLITE_TOOBIG,
            SQLiteErrorCode.SQLITE_MISMATCH,
            SQLiteErrorCode.SQLITE_RANGE);

    private SqlFault() {}

    /**
     * Whether the others of a batch may fare better alone. Not when the database itself is in trouble: each of them
     * would then wait for the same failure, one after the other.
     */
    static boolean ofOneWrite(Exception failure) {
        if (!(failure instanceof SQLException sql)) {
            return true;
        }
        SQLiteErrorCode code = sqlite(sql);
        if (code != null) {
            return OF_ONE_WRITE.contains(code);
        }
        String state = sql.getSQLState();
        // Data and constraints; serialization, deadlock and lock timeout of PostgreSQL.
        return state != null
                && (state.startsWith("22")
                        || state.startsWith("23")
                        || state.startsWith("54") // too long for an index, say
                        || Set.of("40001", "40P01", "55P03").contains(state));
    }

    /** Whether there was no room on the disk: what changes a row in its place may go well all the same. */
    static boolean isFull(@Nullable Throwable failure) {
        if (!(failure instanceof SQLException sql)) {
            return false;
        }
        return sqlite(sql) == SQLiteErrorCode.SQLITE_FULL || "53100".equals(sql.getSQLState());
    }

    /** For people: what is wrong, and where it helps what to do. */
    static String explain(Exception failure) {
        if (failure instanceof AccessDeniedException denied) {
            return "no right to use " + denied.getFile();
        }
        if (failure instanceof NoSuchFileException missing) {
            return missing.getFile() + " is not there";
        }
        if (failure instanceof FileAlreadyExistsException other) {
            return other.getFile() + " is there already, and not what is needed";
        }
        if (failure instanceof FileSystemException file && file.getReason() != null) {
            return file.getFile() + ": " + file.getReason();
        }
        SQLiteErrorCode code = failure instanceof SQLException sql ? sqlite(sql) : null;
        String message = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        if (code != null) {
            return text(code, message);
        }
        return failure instanceof PSQLException server ? text(server, message) : message;
    }

    /** What a PostgreSQL says, with what to do; the driver's text, which may have several lines, on one. */
    private static String text(PSQLException failure, String message) {
        String state = String.valueOf(failure.getSQLState());
        String said = message.replaceAll("\\s*\\R\\s*", " ");
        if (state.equals("53100")) {
            return "the server's disk is full";
        }
        if (state.equals("53300")) {
            return "the server has no place for another connection (max_connections)";
        }
        if (state.startsWith("28")) {
            return "the server does not let this user in: check user, password and pg_hba.conf (" + said + ")";
        }
        if (state.startsWith("08")) {
            return "the server cannot be reached: " + said;
        }
        return said;
    }

    private static String text(SQLiteErrorCode code, String message) {
        return switch (code) {
            case SQLITE_FULL -> "the disk is full";
            case SQLITE_READONLY, SQLITE_PERM -> "it may not be written: check who owns it, and the file system";
            case SQLITE_CANTOPEN -> "it cannot be opened: check the rights of the file and its folder";
            case SQLITE_BUSY, SQLITE_LOCKED -> "another program holds its write lock";
            case SQLITE_CORRUPT, SQLITE_NOTADB -> "the file is damaged; put a backup back (chancery store restore)";
            default -> message;
        };
    }

    private static @Nullable SQLiteErrorCode sqlite(SQLException failure) {
        return failure instanceof SQLiteException sqlite
                ? SQLiteErrorCode.getErrorCode(sqlite.getResultCode().code & PRIMARY_CODE)
                : null;
    }
}
