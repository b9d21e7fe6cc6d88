package io.chancery.node.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.certificate.CaCertificate;
import io.chancery.node.status.WatchedCertificate.Kind;
import io.chancery.testing.MutableInstantSource;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** Somebody hears in time that a certificate ends, and not more often than they would read. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ExpiryWatchTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final MutableInstantSource clock = new MutableInstantSource(START);
    private final List<WatchedCertificate> inUse = new ArrayList<>();
    private final ExpiryWatch watch = new ExpiryWatch(() -> List.copyOf(inUse), clock);

    /** Good for so many days from the start. */
    private static WatchedCertificate certificate(Kind kind, int days) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256); // newer JDKs would make P-384 keys
        KeyPair key = generator.generateKeyPair();
        X509Certificate made = CaCertificate.make(
                new CaCertificate.Root(
                        "ends",
                        key.getPublic(),
                        BigInteger.TWO.shiftLeft(100),
                        START,
                        START.plus(Duration.ofDays(days)),
                        0),
                tbs -> {
                    Signature signature = Signature.getInstance("SHA256withECDSA");
                    signature.initSign(key.getPrivate());
                    signature.update(tbs.bytes());
                    return signature.sign();
                });
        return new WatchedCertificate(kind, made);
    }

    @Test
    void nothing_is_said_until_less_than_a_fifth_of_the_life_is_left() throws Exception {
        WatchedCertificate root = certificate(Kind.ROOT, 100);
        inUse.add(root);
        clock.advance(Duration.ofDays(80));
        assertThat(watch.check()).isEmpty();
        clock.advance(Duration.ofSeconds(1));
        assertThat(watch.check()).containsExactly(root);
    }

    @Test
    void it_is_said_again_each_day_and_not_each_hour_also_after_the_end() throws Exception {
        inUse.add(certificate(Kind.BUS, 10));
        clock.advance(Duration.ofDays(9));
        int said = 0;
        for (int hour = 0; hour < 72; hour++) {
            said += watch.check().size();
            clock.advance(Duration.ofHours(1));
        }
        assertThat(said).isEqualTo(3);
    }

    @Test
    void a_certificate_that_was_replaced_is_no_longer_spoken_of_and_another_one_is_at_once() throws Exception {
        inUse.add(certificate(Kind.BUS, 10));
        clock.advance(Duration.ofDays(9));
        assertThat(watch.check()).hasSize(1);
        inUse.clear();
        inUse.add(certificate(Kind.BUS, 365));
        clock.advance(Duration.ofDays(1));
        assertThat(watch.check()).isEmpty();
        WatchedCertificate authority = certificate(Kind.CLUSTER_CA, 11);
        inUse.add(authority);
        assertThat(watch.check()).containsExactly(authority);
    }

    @Test
    void metrics_show_the_first_end_of_each_kind_that_there_is() throws Exception {
        ProcessMetrics metrics = new ProcessMetrics("1.2.3");
        inUse.add(certificate(Kind.ROOT, 200));
        inUse.add(certificate(Kind.ROOT, 100));
        inUse.add(certificate(Kind.BUS, 20));
        metrics.ends(() -> List.copyOf(inUse));
        assertThat(gauge(metrics, "chancery_root_end_seconds"))
                .isEqualTo(START.plus(Duration.ofDays(100)).getEpochSecond());
        assertThat(gauge(metrics, "chancery_bus_certificate_end_seconds"))
                .isEqualTo(START.plus(Duration.ofDays(20)).getEpochSecond());
        assertThat(metrics.scrape()).doesNotContain("chancery_cluster_ca_end_seconds");

        inUse.set(2, certificate(Kind.BUS, 30));
        assertThat(gauge(metrics, "chancery_bus_certificate_end_seconds"))
                .isEqualTo(START.plus(Duration.ofDays(30)).getEpochSecond());
    }

    private static long gauge(ProcessMetrics metrics, String name) {
        return metrics.scrape()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow();
    }
}
