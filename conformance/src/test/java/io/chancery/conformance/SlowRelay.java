package io.chancery.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Passes TCP connections on to another address, each byte so much later, both ways; what is sent is not spread out. */
final class SlowRelay implements AutoCloseable {
    private static final int BUFFER_BYTES = 65_536;
    private static final int QUEUE_LIMIT = 1_000;
    private static final byte[] END = {};

    private final Relay relay;

    private SlowRelay(Relay relay) {
        this.relay = relay;
    }

    /** @param delayMillis of each direction */
    static SlowRelay start(String host, InetSocketAddress target, long delayMillis) throws IOException {
        long delayNanos = TimeUnit.MILLISECONDS.toNanos(delayMillis);
        return new SlowRelay(Relay.start(host, target, (client, server) -> {
            pass(client, server, delayNanos);
            pass(server, client, delayNanos);
        }));
    }

    int port() {
        return relay.port();
    }

    private static void pass(Socket from, Socket to, long delayNanos) {
        BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>(QUEUE_LIMIT);
        Relay.thread("read", () -> read(from, pieces, delayNanos));
        Relay.thread("write", () -> write(to, pieces));
    }

    private static void read(Socket from, BlockingQueue<Piece> pieces, long delayNanos) {
        try {
            try (InputStream input = from.getInputStream()) {
                byte[] buffer = new byte[BUFFER_BYTES];
                for (int count = input.read(buffer); count >= 0; count = input.read(buffer)) {
                    pieces.put(new Piece(Arrays.copyOf(buffer, count), System.nanoTime() + delayNanos));
                }
            } catch (IOException e) {
                Relay.close(from);
            }
            pieces.put(new Piece(END, System.nanoTime() + delayNanos));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void write(Socket to, BlockingQueue<Piece> pieces) {
        try (OutputStream output = to.getOutputStream()) {
            for (Piece piece = pieces.take(); piece.bytes.length > 0; piece = pieces.take()) {
                for (long left = piece.due - System.nanoTime(); left > 0; left = piece.due - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                output.write(piece.bytes);
            }
        } catch (IOException e) {
            Relay.close(to);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        relay.close();
    }

    private static final class Piece {
        private final byte[] bytes;
        private final long due;

        Piece(byte[] bytes, long due) {
            this.bytes = bytes;
            this.due = due;
        }
    }
}
