package io.chancery.node.http;

import io.chancery.core.time.Seldom;
import io.netty.handler.ssl.SslHandler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes the connections of one event loop on which nothing moves: no request begins though bytes may trickle in, or an
 * answer is not read. Bytes alone do not count as life, or a client could hold a connection with one every few seconds.
 * Keeps all of them within {@link ConnectionLimits}.
 */
final class ConnectionWatch {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionWatch.class);
    private static final long LAST_WORDS_SECONDS = 1;
    private static final long NO_ERROR = 0;
    private static final Duration QUIET = Duration.ofMinutes(1);

    private final HttpApi api;
    private final ConnectionLimits limits;
    private final Vertx vertx;
    private final IdentityHashMap<HttpConnection, Activity> open = new IdentityHashMap<>();
    /** Octets of answers on their way, of all connections. */
    private long unread;

    private final Seldom warnings = new Seldom(QUIET, System::nanoTime);

    ConnectionWatch(Vertx vertx, HttpApi api) {
        this.vertx = vertx;
        this.api = api;
        this.limits = api.limits();
    }

    /** Looks at every connection several times within the patience. */
    void start() {
        long unused =
                vertx.setPeriodic(Math.max(10, limits.patience().toMillis() / 10), tick -> look(System.nanoTime()));
    }

    void opened(HttpConnection connection) {
        if (open.size() >= limits.connections()) {
            warn(
                    "connections",
                    open.size(),
                    "an event loop has as many connections as it may: more are closed at once");
            close(connection);
            return;
        }
        Activity activity = new Activity();
        open.put(connection, activity);
        connection.closeHandler(gone -> {
            open.remove(connection);
            activity.gone();
        });
        if (connection instanceof HttpServerConnection direct) {
            PromptTls.begun(direct.channelHandlerContext().channel());
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
        if (known != null) {
            return known;
        }
        Activity closed = new Activity();
        closed.gone();
        return closed;
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
            if (activity.refused) {
                return; // it ends by itself, and Vert.x would close it at once when its request is answered
            }
            Duration longest = api.rules().deadline().plus(limits.patience());
            var unused = connection
                    .shutdown(longest.toMillis(), TimeUnit.MILLISECONDS)
                    .onFailure(ConnectionWatch::notClean);
        }
    }

    private void look(long now) {
        Duration answering = api.rules().deadline().plus(limits.patience());
        for (Map.Entry<HttpConnection, Activity> each : new ArrayList<>(open.entrySet())) {
            Duration limit = each.getValue().busy() ? answering : limits.patience();
            if (now - each.getValue().since > limit.toNanos()) {
                end(each.getKey(), each.getValue().busy());
            }
        }
    }

    /** Whoever makes others wait for memory, by not reading what it asked for, is the one that goes. */
    private void endTheHeaviest() {
        open.entrySet().stream()
                .max(Comparator.comparingLong(each -> each.getValue().octets))
                .ifPresent(heaviest -> {
                    warn(
                            "octets",
                            heaviest.getValue().octets,
                            "a client that does not read its answers is hung up on: there is no room for more");
                    heaviest.getValue().gone();
                    end(heaviest.getKey(), true);
                });
    }

    /** Once a minute: strangers decide how often it happens. */
    private void warn(String key, long value, String text) {
        if (warnings.due()) {
            LOG.atWarn().addKeyValue(key, value).log(text);
        }
    }

    /** An idle HTTP/2 client is told which of its requests were taken before its connection goes. */
    private static void end(HttpConnection connection, boolean stuck) {
        if (stuck && connection instanceof HttpServerConnection direct) {
            // Vert.x's own close would wait behind the answers that are not read, and that of TLS for seconds.
            var unused =
                    direct.channelHandlerContext().pipeline().firstContext().close();
        } else if (connection.protocolVersion() == HttpVersion.HTTP_2) {
            var unused =
                    connection.shutdown(LAST_WORDS_SECONDS, TimeUnit.SECONDS).onFailure(ConnectionWatch::notClean);
        } else {
            close(connection);
        }
    }

    /** At once, whatever it is doing. On its event loop. */
    static void close(HttpConnection connection) {
        var unused = connection.close().onFailure(ConnectionWatch::notClean);
    }

    private static void notClean(Throwable cause) {
        LOG.atDebug().addKeyValue("reason", cause.getMessage()).log("a client's connection did not close cleanly");
    }

    /** What a connection is doing. Used on its event loop alone. */
    final class Activity {
        private int underWay;
        private long octets;
        private boolean gone;
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

        /**
         * Over HTTP/1 this is the last answer, and what else comes is no request: the client is told so, or nobody knows where
         * one begins. RFC 9112 s. 9.6.
         */
        void refuse(HttpServerResponse last) {
            HttpServerResponse unused = last.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            refused = true;
        }

        /**
         * A request is answered before it was whole: what else its client sends is not wanted. Over HTTP/2 it is told so (RFC
         * 9113 s. 8.1). Over HTTP/1 the rest is read and dropped for a while before the connection ends: one that is closed
         * over octets which nobody read is reset, and its client may never see the answer (RFC 9112 s. 9.6).
         */
        void endAfter(HttpServerRequest request) {
            if (request.version() == HttpVersion.HTTP_2) {
                boolean unusedReset = request.response().reset(NO_ERROR).succeeded();
                return;
            }
            HttpConnection connection = request.connection();
            if (request.isEnded()) {
                close(connection);
                return;
            }
            long unused = vertx.setTimer(TimeUnit.SECONDS.toMillis(LAST_WORDS_SECONDS), late -> close(connection));
            var unusedRequest = request.handler(dropped -> {})
                    .endHandler(whole -> close(connection))
                    .resume();
        }

        /** @param held octets of memory that the answer takes until it is read */
        void sending(int held) {
            hold(held);
            begin();
            if (unread > limits.unread()) {
                endTheHeaviest();
            }
        }

        /** @param held as it was told to {@link #sending} */
        void sent(int held) {
            hold(-held);
            end();
        }

        private void hold(int change) {
            if (!gone) {
                octets += change;
                unread += change;
            }
        }

        /** The connection is closed, and with it what was on its way. */
        private void gone() {
            unread -= octets;
            octets = 0;
            gone = true;
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
