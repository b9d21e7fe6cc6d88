package io.chancery.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Passes TCP connections on to another address, each byte so much later, both ways; what is sent is not spread out. */
final class SlowRelay implements AutoCloseable {
    private static final int BUFFER_BYTES = 65_536;
    private static final int QUEUE_LIMIT = 1_000;
    private static final byte[] END = {};

    private final ServerSocket listening;
    private final InetSocketAddress target;
    private final long delayNanos;
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();

    private SlowRelay(ServerSocket listening, InetSocketAddress target, long delayMillis) {
        this.listening = listening;
        this.target = target;
        this.delayNanos = TimeUnit.MILLISECONDS.toNanos(delayMillis);
    }

    /** @param delayMillis of each direction */
    static SlowRelay start(String host, InetSocketAddress target, long delayMillis) throws IOException {
        ServerSocket listening = new ServerSocket();
        listening.bind(new InetSocketAddress(host, 0));
        SlowRelay relay = new SlowRelay(listening, target, delayMillis);
        relay.thread("accept", relay::accept);
        return relay;
    }

    int port() {
        return listening.getLocalPort();
    }

    private void thread(String what, Runnable work) {
        Thread thread = new Thread(work, "slow-relay-" + what);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!listening.isClosed()) {
            Socket from = new Socket();
            Socket to = new Socket();
            try {
                from = listening.accept();
                sockets.add(from);
                sockets.add(to);
                to.connect(target, 5_000);
                from.setTcpNoDelay(true);
                to.setTcpNoDelay(true);
                pass(from, to);
                pass(to, from);
            } catch (IOException e) {
                close(from);
                close(to);
            }
        }
    }

    private void pass(Socket from, Socket to) {
        BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>(QUEUE_LIMIT);
        thread("read", () -> read(from, pieces));
        thread("write", () -> write(to, pieces));
    }

    private void read(Socket from, BlockingQueue<Piece> pieces) {
        try {
            try (InputStream input = from.getInputStream()) {
                byte[] buffer = new byte[BUFFER_BYTES];
                for (int count = input.read(buffer); count >= 0; count = input.read(buffer)) {
                    pieces.put(new Piece(Arrays.copyOf(buffer, count), System.nanoTime() + delayNanos));
                }
            } catch (IOException e) {
                close(from);
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
            close(to);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            System.out.println("a relay's socket was not closed: " + e.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        sockets.forEach(SlowRelay::close);
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
