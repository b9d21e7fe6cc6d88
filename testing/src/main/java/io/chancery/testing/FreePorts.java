package io.chancery.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
    private static final FileChannel TAKEN = open();

    private FreePorts() {}

    private static FileChannel open() {
        try {
            return FileChannel.open(
                    Path.of(System.getProperty("java.io.tmpdir"), "chancery-test-ports"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UncheckedIOException("the file of taken ports cannot be opened", e);
        }
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
