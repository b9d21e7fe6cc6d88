package io.chancery.node.step;

import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices when a balancer that ends TLS names a client's certificate in a header (RFC 9440), which nobody here believes:
 * without a word, its people would look for the fault at their clients. Any thread.
 */
final class ForwardedCertificates {
    private static final Logger LOG = LoggerFactory.getLogger(ForwardedCertificates.class);
    private static final String HEADER = "Client-Cert";
    /** Anybody may send that header, as often as they like. */
    private static final Duration SAID_AGAIN = Duration.ofHours(1);

    private final InstantSource clock;
    private final AtomicReference<Instant> said = new AtomicReference<>(Instant.EPOCH);

    ForwardedCertificates(InstantSource clock) {
        this.clock = clock;
    }

    /** For a request that a certificate may be shown with. */
    void notice(RoutingContext ctx) {
        if (ctx.request().getHeader(HEADER) == null || !ShownCertificate.of(ctx).isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        Instant before = said.get();
        if (Duration.between(before, now).abs().compareTo(SAID_AGAIN) >= 0 && said.compareAndSet(before, now)) {
            LOG.warn("the header Client-Cert is not believed: pass TLS through (docs/cluster.md)");
        }
    }
}
