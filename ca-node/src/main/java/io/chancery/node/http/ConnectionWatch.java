package io.chancery.node.http;

import io.netty.handler.ssl.SslHandler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerConnection;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Closes the connections of one event loop on which nothing moves: no request begins though bytes may trickle in, or an
 * answer is not read. Bytes alone do not count as life, or a client could hold a connection with one every few seconds.
 */
final class ConnectionWatch {
    private static final long LAST_WORDS_SECONDS = 1;
    /** More than the streams of an HTTP/2 connection, so that only pipelining meets it. */
    private static final int UNSENT_ANSWERS = 128;

    private final HttpApi api;
    private final IdentityHashMap<HttpConnection, Activity> open = new IdentityHashMap<>();

    ConnectionWatch(HttpApi api) {
        this.api = api;
    }

    /** Looks at every connection several times within the patience. */
    void start(Vertx vertx) {
        long unused = vertx.setPeriodic(Math.max(10, api.patience().toMillis() / 10), tick -> look(System.nanoTime()));
    }

    void opened(HttpConnection connection) {
        open.put(connection, new Activity());
        connection.closeHandler(gone -> open.remove(connection));
        if (connection instanceof HttpServerConnection direct) {
            SslHandler tls = direct.channelHandlerContext().pipeline().get(SslHandler.class);
            if (tls != null) {
                // Its close_notify: no more is said over this connection, though TCP stays open until somebody closes
                // it.
                var unused = tls.sslCloseFuture().addListener(said -> {
                    if (open.containsKey(connection)) {
                        leave(connection);
                    }
                });
            }
        }
    }

    /** Whether the connection was admitted, is still there, and what comes over it is still looked at. */
    boolean serves(HttpConnection connection) {
        Activity known = open.get(connection);
        return known != null && !known.refused;
    }

    Activity of(HttpConnection connection) {
        Activity known = open.get(connection);
        return known == null ? new Activity() : known;
    }

    /** Over HTTP/1 a connection without a request cannot be told anything: it is told with its next answer. */
    void drain() {
        for (HttpConnection connection : new ArrayList<>(open.keySet())) {
            if (connection.protocolVersion() == HttpVersion.HTTP_2) {
                leave(connection);
            }
        }
    }

    /** Ends a connection when what it has asked for is answered; over HTTP/2 its client is told at once by a GOAWAY. */
    void leave(HttpConnection connection) {
        Activity activity = of(connection);
        if (!activity.leaving) {
            activity.leaving = true;
            Duration longest = api.rules().deadline().plus(api.patience());
            var unused = connection.shutdown(longest.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void look(long now) {
        Duration answering = api.rules().deadline().plus(api.patience());
        for (Map.Entry<HttpConnection, Activity> each : new ArrayList<>(open.entrySet())) {
            Duration limit = each.getValue().busy() ? answering : api.patience();
            if (now - each.getValue().since > limit.toNanos()) {
                end(each.getKey(), each.getValue().busy());
            }
        }
    }

    /** An idle HTTP/2 client is told which of its requests were taken before its connection goes. */
    private static void end(HttpConnection connection, boolean stuck) {
        if (stuck && connection instanceof HttpServerConnection direct) {
            // Vert.x's own close would wait behind the answers that are not read.
            var unused = direct.channelHandlerContext().close();
        } else if (connection.protocolVersion() == HttpVersion.HTTP_2) {
            var unused = connection.shutdown(LAST_WORDS_SECONDS, TimeUnit.SECONDS);
        } else {
            var unused = connection.close();
        }
    }

    /** What a connection is doing. Used on its event loop alone. */
    static final class Activity {
        private final Deque<Runnable> waiting = new ArrayDeque<>();
        private int underWay;
        private int unsent;
        private boolean leaving;
        private boolean refused;
        private long since = System.nanoTime();

        private boolean busy() {
            return underWay > 0;
        }

        /** Whether its client was told that it ends. */
        boolean isLeaving() {
            return leaving;
        }

        /** What else comes over it is passed over: nobody knows where a request begins in it. */
        void refuse() {
            refused = true;
        }

        /** Whether so many answers are on their way to the client that it must read some first. */
        boolean answersWait() {
            return unsent >= UNSENT_ANSWERS;
        }

        /** Does something as soon as the client has read an answer; never, if it goes before. */
        void whenRead(Runnable next) {
            waiting.add(next);
        }

        void sending() {
            unsent++;
            begin();
        }

        void sent() {
            unsent--;
            end();
            Runnable next = waiting.poll();
            if (next != null) {
                next.run();
            }
        }

        /** A request begins. */
        void begin() {
            if (underWay == 0) {
                since = System.nanoTime();
            }
            underWay++;
        }

        /** Its client has read a part of an answer. */
        void moved() {
            since = System.nanoTime();
        }

        /** It is over: something moved. */
        void end() {
            underWay--;
            since = System.nanoTime();
        }
    }
}
