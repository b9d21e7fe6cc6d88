package io.chancery.signer.key;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the processes of one node apart at a token: a signer and a process that it starts to see whether one could sign
 * would both try a PIN that the token is about to refuse. The end of a process ends its turn. Where the file cannot be
 * written, nobody is waited for. One thread at a time.
 */
final class NodeTurn implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeTurn.class);
    private static final Set<Path> TOLD = ConcurrentHashMap.newKeySet();
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Optional<FileChannel> held;

    private NodeTurn(Optional<FileChannel> held) {
        this.held = held;
    }

    /** Where there is no file, and nobody to be kept apart. */
    static NodeTurn alone() {
        return new NodeTurn(Optional.empty());
    }

    /** Whether others are kept out. */
    boolean isOfFile() {
        return held.isPresent();
    }

    /**
     * Blocks while another process has the turn.
     *
     * @param file one for each token: what the system locks for a process is let go when any part of it closes the file
     * @throws SigningKeyException AWAY when it has it for too long
     */
    static NodeTurn take(Path file, Duration patience) {
        try {
            FileChannel channel = FileChannel.open(
                    file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), OwnersFile.OF_ITS_OWNER);
            boolean mine = false;
            try {
                mine = await(channel, System.nanoTime() + patience.toNanos());
            } finally {
                if (!mine) {
                    channel.close();
                }
            }
            if (mine) {
                return new NodeTurn(Optional.of(channel));
            }
        } catch (IOException e) {
            if (TOLD.add(file)) { // else each try would, once a second
                LOG.atWarn().addKeyValue("reason", e.toString()).log("processes of this node cannot be kept apart");
            }
            return alone();
        }
        throw SigningKeyException.othersTurn("another process of this node is at the token", null);
    }

    private static boolean await(FileChannel channel, long end) throws IOException {
        while (tryLock(channel) == null) {
            if (System.nanoTime() - end > 0 || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return true;
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // this process has it
        }
    }

    @Override
    public void close() {
        try {
            if (held.isPresent()) {
                held.get().close();
            }
        } catch (IOException e) {
            LOG.atDebug().addKeyValue("reason", e.toString()).log("a turn was not closed");
        }
    }
}
