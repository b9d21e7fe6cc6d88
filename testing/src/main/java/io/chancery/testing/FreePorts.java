package io.chancery.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Ports for those who must know theirs before they listen. They lie below the range that the kernel gives to outgoing
 * connections (32768 and up by default), so that no client takes one meanwhile; and each is locked for this process's life in a
 * file that all test runs of the machine share, so that two runs never draw the same.
 */
public final class FreePorts {
    private static final int FIRST = 12_000;
    private static final int END = 32_000;
    private static final FileChannel TAKEN = open(Path.of(System.getProperty("java.io.tmpdir"), "chancery-test-ports"));

    private FreePorts() {}

    /** For every user of the machine, whoever came first. */
    static FileChannel open(Path file) {
        try {
            return opened(file);
        } catch (IOException e) {
            throw new UncheckedIOException("the file of taken ports cannot be opened", e);
        }
    }

    private static FileChannel opened(Path file) throws IOException {
        try {
            // In a sticky folder the kernel may refuse to open another user's file for whoever would also make it.
            return FileChannel.open(file, StandardOpenOption.WRITE);
        } catch (NoSuchFileException e) {
            try {
                FileChannel made = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                Path unused = Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
                return made;
            } catch (FileAlreadyExistsException byAnother) {
                return FileChannel.open(file, StandardOpenOption.WRITE);
            }
        }
    }

    /**
     * A port that a test cannot choose, for one process at a time. Blocks until no other one has it, for as long as that takes;
     * whoever wants two asks for the lower one first. The port itself is not looked at.
     *
     * @return to be closed when the port is free again; it is closed with the process, too
     */
    public static FileLock alone(int port) throws IOException {
        return TAKEN.lock(port, 1, false);
    }

    /** So many, all different, none of which anybody listens on at any address. */
    public static int[] take(int count) {
        int[] ports = new int[count];
        for (int i = 0; i < count; i++) {
            ports[i] = take();
        }
        return ports;
    }

    public static int take() {
        int offset = ThreadLocalRandom.current().nextInt(END - FIRST);
        for (int i = 0; i < END - FIRST; i++) {
            int port = FIRST + (offset + i) % (END - FIRST);
            if (locked(port) && free(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no port between " + FIRST + " and " + END + " is free");
    }

    private static boolean locked(int port) {
        try {
            return TAKEN.tryLock(port, 1, false) != null;
        } catch (OverlappingFileLockException e) {
            return false; // this process has it
        } catch (IOException e) {
            throw new UncheckedIOException("a port cannot be locked", e);
        }
    }

    /** At every address, and at loopback: a listener on the one does not stop a probe of the other. */
    private static boolean free(int port) {
        return opens(port, null) && opens(port, InetAddress.getLoopbackAddress());
    }

    private static boolean opens(int port, @Nullable InetAddress address) {
        try (ServerSocket socket = new ServerSocket(port, 1, address)) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
