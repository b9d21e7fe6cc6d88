package io.chancery.node.status;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;

/** A certificate that a person must replace before it ends. */
public record WatchedCertificate(Kind kind, X509Certificate certificate) {
    /** Early enough to do something: with ten years, two before the end; with one year, ten weeks. */
    private static final int LAST_PART = 5;

    /** What it is, what shows its end, and what to do about it. */
    public enum Kind {
        ROOT(
                "root",
                MetricNames.ROOT_END,
                "When the first of the roots ends",
                "make a new root, let clients trust both, and only then issue under the new one"),
        INTERMEDIATE(
                "intermediate",
                MetricNames.INTERMEDIATE_END,
                "When the first of the issuer's certificate and those above it ends",
                "let the next issuer take its place (docs/rotation.md); certificates cannot outlive it"),
        CLUSTER_CA(
                "cluster CA",
                MetricNames.CLUSTER_CA_END,
                "When the first of the cluster CAs that this node believes ends",
                "chancery cluster rotate-ca"),
        BUS(
                "bus certificate",
                MetricNames.BUS_CERTIFICATE_END,
                "When this node's bus certificate ends",
                "chancery cluster renew, and copy the files to this node");

        private final String text;
        private final String metric;
        private final String description;
        private final String remedy;

        Kind(String text, String metric, String description, String remedy) {
            this.text = text;
            this.metric = metric;
            this.description = description;
            this.remedy = remedy;
        }

        String text() {
            return text;
        }

        String metric() {
            return metric;
        }

        String description() {
            return description;
        }

        String remedy() {
            return remedy;
        }
    }

    Instant end() {
        return certificate.getNotAfter().toInstant();
    }

    /** Whether less than a fifth of its life is left, or none. */
    boolean nearsEnd(Instant now) {
        Duration life = Duration.between(certificate.getNotBefore().toInstant(), end());
        return now.isAfter(end().minus(life.dividedBy(LAST_PART)));
    }
}
