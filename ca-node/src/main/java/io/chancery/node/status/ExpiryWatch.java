package io.chancery.node.status;

import io.vertx.core.Vertx;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says once a day of each certificate of which less than a fifth of its life is left that it ends, and what to do. For a
 * process of any role.
 */
public final class ExpiryWatch {
    private static final Logger LOG = LoggerFactory.getLogger(ExpiryWatch.class);
    private static final Duration LOOKED_AT = Duration.ofHours(1);
    /** A little less than a day, so that an hourly look does not make it twenty-five hours. */
    private static final Duration SAID_AGAIN = Duration.ofHours(23).plusMinutes(30);

    private final Supplier<List<WatchedCertificate>> certificates;
    private final InstantSource clock;
    private Map<X509Certificate, Instant> said = new HashMap<>();

    /** @param certificates those in use now; asked without waiting */
    public ExpiryWatch(Supplier<List<WatchedCertificate>> certificates, InstantSource clock) {
        this.certificates = certificates;
        this.clock = clock;
    }

    /** Looks now, and from then on every hour, until the Vert.x is closed. */
    public void start(Vertx vertx) {
        List<WatchedCertificate> unused = check();
        long timer = vertx.setPeriodic(LOOKED_AT.toMillis(), tick -> {
            List<WatchedCertificate> ignored = check();
        });
        LOG.atDebug().addKeyValue("timer", timer).log("the ends of certificates are watched");
    }

    /** Looks once; answers those of which it has just spoken. */
    synchronized List<WatchedCertificate> check() {
        Instant now = clock.instant();
        Map<X509Certificate, Instant> next = new HashMap<>();
        List<WatchedCertificate> spokenOf = new ArrayList<>();
        for (WatchedCertificate watched : certificates.get()) {
            if (!watched.nearsEnd(now)) {
                continue;
            }
            Instant before = said.get(watched.certificate());
            if (before == null || Duration.between(before, now).abs().compareTo(SAID_AGAIN) >= 0) {
                speak(watched, now);
                spokenOf.add(watched);
                before = now;
            }
            next.put(watched.certificate(), before);
        }
        said = next; // one that was replaced is forgotten
        return spokenOf;
    }

    private static void speak(WatchedCertificate watched, Instant now) {
        boolean ended = now.isAfter(watched.end());
        (ended ? LOG.atError() : LOG.atWarn())
                .addKeyValue("certificate", watched.kind().text())
                .addKeyValue("subject", watched.certificate().getSubjectX500Principal())
                .addKeyValue("notAfter", watched.end())
                .addKeyValue("days", Duration.between(now, watched.end()).toDays())
                .addKeyValue("remedy", watched.kind().remedy())
                .log(ended ? "a certificate has ended" : "a certificate nears its end");
    }
}
