package io.chancery.node.http;

import java.time.Duration;
import java.util.Optional;

/**
 * How requests are taken: what a reload may change between two of them.
 *
 * @param deadline of one request, from its head to its answer
 * @param inFlight requests under way at once, over all event loops
 * @param traceHeader another header that may name a request
 * @param logFormat of the request log; empty means none
 */
public record RequestRules(
        Duration deadline, int inFlight, Optional<String> traceHeader, Optional<LogFormat> logFormat) {}
