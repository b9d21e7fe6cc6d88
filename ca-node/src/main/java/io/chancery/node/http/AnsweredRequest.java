package io.chancery.node.http;

import java.time.Duration;
import java.time.Instant;

/**
 * One request that is over, with nothing secret in it: no query, no body, no header but the client's name for itself.
 *
 * @param path as it was asked for, without the query
 * @param status 0 when the client went before there was one
 * @param bytes of the answer's body
 */
public record AnsweredRequest(
        RequestContext context,
        Client client,
        String method,
        String path,
        int status,
        long bytes,
        Instant began,
        Duration took) {
    /**
     * @param address without the port
     * @param protocol {@code HTTP/1.1} or another
     * @param agent its User-Agent, or empty
     */
    public record Client(String address, String protocol, String agent) {}
}
