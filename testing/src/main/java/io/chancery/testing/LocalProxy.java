package io.chancery.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A small HTTP proxy on loopback: tunnels by CONNECT, and passes on requests with a whole URL. For it every name is this
 * machine, and it serves whom it knows alone.
 */
public final class LocalProxy implements AutoCloseable {
    private static final String REFUSED = "HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n";

    private final ServerSocket listening;
    private final String credentials;
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    private LocalProxy(ServerSocket listening, String credentials) {
        this.listening = listening;
        this.credentials = credentials;
    }

    /** @param user {@code name:password} of whom it serves */
    public static LocalProxy start(String user) throws IOException {
        String encoded = Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
        LocalProxy proxy = new LocalProxy(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), encoded);
        proxy.thread(proxy::accept);
        return proxy;
    }

    public int port() {
        return listening.getLocalPort();
    }

    /** First lines of all requests, refused ones too. */
    public List<String> asked() {
        return List.copyOf(asked);
    }

    private void thread(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        // Somebody went away.
                    }
                },
                "local-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private interface Work {
        void run() throws IOException;
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listening.accept();
            sockets.add(client);
            thread(() -> serve(client));
        }
    }

    private void serve(Socket client) throws IOException {
        String head = head(client.getInputStream());
        String line = head.lines().findFirst().orElse("");
        asked.add(line);
        OutputStream answer = client.getOutputStream();
        boolean known = head.lines()
                .anyMatch(each -> each.toLowerCase(Locale.ROOT).startsWith("proxy-authorization:")
                        && each.endsWith(" " + credentials));
        if (!known) {
            answer.write(REFUSED.getBytes(StandardCharsets.US_ASCII));
            client.close();
            return;
        }
        String place = line.split(" ")[1].replaceFirst("^http://", "").replaceFirst("/.*", "");
        int port = Integer.parseInt(place.substring(place.lastIndexOf(':') + 1));
        Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
        sockets.add(server);
        if (line.startsWith("CONNECT ")) {
            answer.write("HTTP/1.1 200 Here it is\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        } else {
            server.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        }
        thread(() -> pass(server, client));
        pass(client, server);
    }

    private static String head(InputStream from) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int octet = from.read();
            if (octet < 0) {
                throw new IOException("ended");
            }
            head.append((char) octet);
        }
        return head.toString();
    }

    private static void pass(Socket from, Socket to) throws IOException {
        try (from;
                to) {
            long unused = from.getInputStream().transferTo(to.getOutputStream());
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket each : sockets) {
            each.close();
        }
    }
}
