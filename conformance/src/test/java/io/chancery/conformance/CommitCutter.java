package io.chancery.conformance;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A way to PostgreSQL, by its protocol version 3 without TLS, that is cut when a certain transaction is committed: whoever
 * committed does not know whether the server did.
 */
final class CommitCutter implements AutoCloseable {
    private static final int SSL_REQUEST = 80_877_103;
    private static final int LENGTH_BYTES = 4;
    private static final int PARSE = 'P';
    private static final int BIND = 'B';
    private static final int BUFFER_BYTES = 65_536;
    private static final HexFormat HEX = HexFormat.of();

    private final Relay relay;
    private volatile Optional<Order> order = Optional.empty();

    /** Where the way is cut. */
    enum Cut {
        BEFORE_THE_SERVER_HAS_IT,
        BEFORE_ITS_ANSWER
    }

    static CommitCutter to(int port) throws IOException {
        return new CommitCutter(port);
    }

    private CommitCutter(int port) throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        relay = Relay.start(loopback.getHostAddress(), new InetSocketAddress(loopback, port), (client, server) -> {
            Way way = new Way(client, server);
            Relay.thread("up", way::up);
            Relay.thread("down", way::down);
        });
    }

    int port() {
        return relay.port();
    }

    /**
     * Cuts once.
     *
     * @param value octets that the transaction sends in a value of a statement
     * @param nth which of those that send them from now on, from 1
     */
    void cut(byte[] value, int nth, Cut where) {
        order = Optional.of(new Order(HEX.formatHex(value), nth, where));
    }

    void awaitCut() throws InterruptedException {
        if (!order.orElseThrow().done.await(30, TimeUnit.SECONDS)) {
            throw new AssertionError("no transaction was cut off at its commit");
        }
    }

    @Override
    public void close() throws IOException {
        relay.close();
    }

    private static final class Order {
        private final String value;
        private final Cut where;
        private final CountDownLatch done = new CountDownLatch(1);
        private int left;

        Order(String value, int nth, Cut where) {
            this.value = value;
            this.left = nth;
            this.where = where;
        }

        boolean isAbout(byte[] message) {
            return HEX.formatHex(message).contains(value);
        }

        /** Whether it is this one of those that it is about. */
        synchronized boolean isDue() {
            left--;
            return left == 0;
        }
    }

    /** One connection. */
    private final class Way {
        private final Socket client;
        private final Socket server;
        /** What prepared statements say, by their names; the unnamed one is "". */
        private final Map<String, String> statements = new HashMap<>();

        private Optional<Order> open = Optional.empty();
        private volatile Optional<Order> withheld = Optional.empty();

        Way(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        private void up() {
            try (client;
                    server;
                    DataInputStream in = new DataInputStream(client.getInputStream());
                    DataOutputStream out = new DataOutputStream(new BufferedOutputStream(server.getOutputStream()))) {
                byte[] start = body(in);
                pass(out, start);
                while (ByteBuffer.wrap(start).getInt() == SSL_REQUEST) {
                    start = body(in);
                    pass(out, start);
                }
                while (true) {
                    int type = in.read();
                    if (type < 0) {
                        return;
                    }
                    byte[] body = body(in);
                    if (isCutBy(type, body)) {
                        return;
                    }
                    out.write(type);
                    pass(out, body);
                }
            } catch (IOException e) {
                System.out.println("commit cutter, up: " + e.getMessage());
            }
        }

        private static byte[] body(DataInputStream in) throws IOException {
            byte[] body = new byte[in.readInt() - LENGTH_BYTES];
            in.readFully(body);
            return body;
        }

        private static void pass(DataOutputStream out, byte[] body) throws IOException {
            out.writeInt(LENGTH_BYTES + body.length);
            out.write(body);
            out.flush();
        }

        /** Whether the way ends here. */
        private boolean isCutBy(int type, byte[] body) {
            if (type == PARSE) {
                String name = text(body, 0);
                statements.put(name, text(body, name.length() + 1));
            }
            return type == BIND
                    && isCutBy(
                            body,
                            statements.getOrDefault(text(body, text(body, 0).length() + 1), ""));
        }

        private boolean isCutBy(byte[] values, String statement) {
            if (order.filter(now -> now.isAbout(values)).isPresent()) {
                open = order;
            }
            if (statement.equalsIgnoreCase("ROLLBACK")) {
                open = Optional.empty();
            }
            if (!statement.equalsIgnoreCase("COMMIT")) {
                return false;
            }
            Optional<Order> due = open.filter(Order::isDue);
            open = Optional.empty();
            if (due.filter(now -> now.where == Cut.BEFORE_THE_SERVER_HAS_IT).isPresent()) {
                due.get().done.countDown();
                return true;
            }
            withheld = due;
            return false;
        }

        private static String text(byte[] body, int from) {
            int end = from;
            while (body[end] != 0) {
                end++;
            }
            return new String(body, from, end - from, StandardCharsets.UTF_8);
        }

        private void down() {
            try (client;
                    server;
                    InputStream in = server.getInputStream();
                    OutputStream out = client.getOutputStream()) {
                byte[] buffer = new byte[BUFFER_BYTES];
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    if (withheld.isPresent()) {
                        // Whoever commits has had the answers to all before: this is the server's to the commit.
                        withheld.get().done.countDown();
                        return;
                    }
                    out.write(buffer, 0, count);
                    out.flush();
                }
            } catch (IOException e) {
                System.out.println("commit cutter, down: " + e.getMessage());
            }
        }
    }
}
