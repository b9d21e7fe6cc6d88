package io.chancery.node.http;

import java.time.Duration;

/**
 * What clients of one port may hold of one event loop.
 *
 * @param patience how long a connection may do nothing, and how long a client may take to read an answer
 * @param connections open at once, their TLS handshake done; one more is closed at once
 * @param unread octets of answers that are not read: above, the connection with most of them is closed
 */
record ConnectionLimits(Duration patience, int connections, long unread) {
    /** Some 50 KB each for TLS and HTTP: 200 MB. */
    private static final int CONNECTIONS = 4_096;

    private static final long UNREAD = 64 * 1024 * 1024;

    static ConnectionLimits of(Duration patience) {
        return new ConnectionLimits(patience, CONNECTIONS, UNREAD);
    }
}
