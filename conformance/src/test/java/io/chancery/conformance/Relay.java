package io.chancery.conformance;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Takes TCP connections and makes one to another address for each; what passes between the two is the passing's. */
final class Relay implements AutoCloseable {
    private final ServerSocket listening;
    private final InetSocketAddress target;
    private final Passing passing;
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();

    private Relay(ServerSocket listening, InetSocketAddress target, Passing passing) {
        this.listening = listening;
        this.target = target;
        this.passing = passing;
    }

    static Relay start(String host, InetSocketAddress target, Passing passing) throws IOException {
        ServerSocket listening = new ServerSocket();
        listening.bind(new InetSocketAddress(host, 0));
        Relay relay = new Relay(listening, target, passing);
        thread("accept", relay::accept);
        return relay;
    }

    int port() {
        return listening.getLocalPort();
    }

    static void thread(String what, Runnable work) {
        Thread thread = new Thread(work, "relay-" + what);
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
                passing.begin(from, to);
            } catch (IOException e) {
                close(from);
                close(to);
            }
        }
    }

    static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            System.out.println("a relay's socket was not closed: " + e.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        sockets.forEach(Relay::close);
    }

    /** Begins to pass on, on threads of its own, what comes at either of two sockets. */
    @FunctionalInterface
    interface Passing {
        void begin(Socket client, Socket server);
    }
}
