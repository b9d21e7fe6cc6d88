package io.chancery.signer.key;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the processes of one node apart at a token: a signer and a process that it starts to see whether one could sign
 * would both try a PIN that the token is about to refuse. The end of a process ends its turn. Where the file cannot be
 * written, nobody is waited for. Closed by any thread, and as often as it likes.
 */
final class NodeTurn implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeTurn.class);
    private static final Set<Path> TOLD = ConcurrentHashMap.newKeySet();
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** Those that this process has: to open and close such a file once more would let its lock go. */
    private static final Set<Path> HERE = ConcurrentHashMap.newKeySet();

    private final Optional<Held> held;
    private final AtomicBoolean closed = new AtomicBoolean();

    private record Held(Path file, FileChannel channel) {}

    private NodeTurn(Optional<Held> held) {
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
     * Blocks while another process has the turn, or this one has it already.
     *
     * @param file one for each token: what the system locks for a process is let go when any part of it closes the file
     * @throws SigningKeyException AWAY when it has it for too long
     */
    static NodeTurn take(Path file, Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        Path one = file.toAbsolutePath().normalize();
        if (!await(() -> HERE.add(one), end)) {
            throw SigningKeyException.othersTurn("another login of this process is at the token", null);
        }
        boolean mine = false;
        try {
            Optional<FileChannel> locked = locked(one, end);
            mine = locked.isPresent();
            return locked.map(channel -> new NodeTurn(Optional.of(new Held(one, channel))))
                    .orElseThrow(
                            () -> SigningKeyException.othersTurn("another process of this node is at the token", null));
        } catch (IOException e) {
            if (TOLD.add(one)) { // else each try would, once a second
                LOG.atWarn().addKeyValue("reason", e.toString()).log("processes of this node cannot be kept apart");
            }
            return alone();
        } finally {
            if (!mine) {
                boolean unused = HERE.remove(one);
            }
        }
    }

    /** Empty when another process has it for too long. */
    private static Optional<FileChannel> locked(Path file, long end) throws IOException {
        FileChannel channel = FileChannel.open(
                file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), OwnersFile.OF_ITS_OWNER);
        boolean mine = false;
        try {
            mine = await(() -> locks(channel), end);
            return mine ? Optional.of(channel) : Optional.empty();
        } finally {
            if (!mine) {
                channel.close();
            }
        }
    }

    private static boolean locks(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // this process has it, by another path
        }
    }

    /** What may come to be so. */
    private interface Attempt<E extends Exception> {
        boolean succeeds() throws E;
    }

    private static <E extends Exception> boolean await(Attempt<E> attempt, long end) throws E {
        while (!attempt.succeeds()) {
            if (System.nanoTime() - end > 0 || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return true;
    }

    @Override
    public void close() {
        if (held.isEmpty() || closed.getAndSet(true)) {
            return;
        }
        try {
            held.get().channel().close();
        } catch (IOException e) {
            LOG.atDebug().addKeyValue("reason", e.toString()).log("a turn was not closed");
        } finally {
            boolean unused = HERE.remove(held.get().file());
        }
    }
}
