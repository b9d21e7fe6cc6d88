package io.chancery.node.step;

import io.chancery.core.time.Seldom;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.function.LongSupplier;
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

    private final Seldom warnings;

    /** @param nanos as {@link System#nanoTime} counts them */
    ForwardedCertificates(LongSupplier nanos) {
        this.warnings = new Seldom(SAID_AGAIN, nanos);
    }

    /** For a request that a certificate may be shown with. */
    void notice(RoutingContext ctx) {
        if (ctx.request().getHeader(HEADER) != null && ShownCertificate.of(ctx).isEmpty() && warnings.due()) {
            LOG.warn("the header Client-Cert is not believed: pass TLS through (docs/cluster.md)");
        }
    }
}
