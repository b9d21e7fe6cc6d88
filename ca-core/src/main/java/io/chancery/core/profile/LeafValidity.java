package io.chancery.core.profile;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.time.GoDuration;
import io.chancery.core.time.GoTime;
import io.chancery.core.time.TimeOrDuration;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * When a certificate begins and ends, in whole seconds.
 *
 * @param notAfter inclusive (RFC 5280 s. 4.1.2.5)
 */
public record LeafValidity(Instant notBefore, Instant notAfter) {
    /** Go's durations end here, and its messages with them. */
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

    /**
     * The validity that the claims allow of what was asked (wire contract s. 4.6).
     *
     * @param backdate how far notBefore is set back when it was not asked for; both limits allow for it
     * @param bounds a default or a backdate that would pass them is cut there, a wish that would is refused
     * @throws CaException MALFORMED or FORBIDDEN in step-ca's words
     */
    public static LeafValidity of(
            Optional<TimeOrDuration> notBefore,
            Optional<TimeOrDuration> notAfter,
            Claims claims,
            Duration backdate,
            Instant now,
            Bounds bounds) {
        Instant second = now.truncatedTo(ChronoUnit.SECONDS);
        Instant start = notBefore.map(t -> t.resolve(second)).orElse(second).truncatedTo(ChronoUnit.SECONDS);
        Instant wished = notAfter.map(t -> t.resolve(start))
                .orElseGet(() -> start.plus(claims.defaultTls()))
                .truncatedTo(ChronoUnit.SECONDS);
        Instant begin = notBefore.isPresent()
                ? start
                : later(
                        start.minus(backdate).truncatedTo(ChronoUnit.SECONDS),
                        bounds.issuer().notBefore());
        LeafValidity validity = notAfter.isEmpty()
                ? new LeafValidity(begin, bounds.cut(begin, wished))
                : new LeafValidity(notBefore.isPresent() ? begin : bounds.begin(begin, start, wished), wished);
        return validity.checked(claims, backdate, second, bounds);
    }

    /**
     * Where the certificates of an issuer lie.
     *
     * @param issuer its own validity
     * @param longest of a certificate, its backdate included ({@code keyRules.maxValidity}); empty where the issuer's own
     *     end is the only one
     */
    public record Bounds(LeafValidity issuer, Optional<Duration> longest) {
        public Bounds {
            longest = longest.map(most -> most.truncatedTo(ChronoUnit.SECONDS)); // as certificates have them
        }

        /** These, but no longer than to that moment. */
        public Bounds endingBy(Instant end) {
            return new Bounds(
                    new LeafValidity(issuer.notBefore, issuer.notAfter.isBefore(end) ? issuer.notAfter : end), longest);
        }

        /** The end, or what is allowed of it where the certificate begins at that moment. */
        public Instant cut(Instant start, Instant end) {
            Instant allowed = longest.map(start::plus).orElse(issuer.notAfter);
            return earlier(end, earlier(allowed, issuer.notAfter));
        }

        /** What is allowed of a backdate, where the end is fixed. */
        private Instant begin(Instant backdated, Instant start, Instant end) {
            Instant allowed = earlier(
                    start,
                    longest.map(most -> later(backdated, end.minus(most))).orElse(backdated));
            return later(allowed, issuer.notBefore);
        }
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    /**
     * What was asked for lies within the validity of the certificate that authorises it.
     *
     * @throws CaException FORBIDDEN in step-ca's words
     */
    public static void checkWithin(
            LeafValidity authorising,
            Optional<TimeOrDuration> notBefore,
            Optional<TimeOrDuration> notAfter,
            Instant now) {
        Instant start = notBefore.map(t -> t.resolve(now)).orElse(now).truncatedTo(ChronoUnit.SECONDS);
        if (start.isBefore(authorising.notBefore())) {
            throw CaException.of(
                    ErrorCode.FORBIDDEN,
                    "requested certificate notBefore (" + GoTime.print(start)
                            + ") is before the active validity window of the provisioning credential ("
                            + GoTime.print(authorising.notBefore()) + ")");
        }
        notAfter.map(t -> t.resolve(start).truncatedTo(ChronoUnit.SECONDS))
                .filter(end -> end.isAfter(authorising.notAfter()))
                .ifPresent(end -> {
                    throw CaException.of(
                            ErrorCode.FORBIDDEN,
                            "requested certificate notAfter (" + GoTime.print(end)
                                    + ") is after the expiration of the provisioning credential ("
                                    + GoTime.print(authorising.notAfter()) + ")");
                });
    }

    /** The issuer's own. */
    public static LeafValidity of(X509Certificate issuer) {
        return new LeafValidity(
                issuer.getNotBefore().toInstant(), issuer.getNotAfter().toInstant());
    }

    /** A backdate never reaches before the issuer began: a PKI may be younger than a minute. */
    public static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private LeafValidity checked(Claims claims, Duration backdate, Instant now, Bounds bounds) {
        LeafValidity issuer = bounds.issuer();
        checkLongest(bounds.longest().filter(most -> most.compareTo(claims.minTls()) < 0), claims.minTls());
        if (notAfter.isBefore(now)) {
            throw malformed("notAfter cannot be in the past; na=" + GoTime.print(notAfter));
        }
        if (notAfter.isBefore(notBefore)) {
            throw malformed("notAfter cannot be before notBefore; na=" + GoTime.print(notAfter) + ", nb="
                    + GoTime.print(notBefore));
        }
        Duration length = Duration.between(notBefore, notAfter);
        if (length.compareTo(claims.minTls()) < 0) {
            throw forbidden(length, "less than the authorized minimum", claims.minTls());
        }
        if (length.compareTo(claims.maxTls().plus(backdate)) > 0) {
            throw forbidden(
                    length, "more than the authorized maximum", claims.maxTls().plus(backdate));
        }
        checkLongest(bounds.longest().filter(most -> length.compareTo(most) > 0), length);
        if (notAfter.isAfter(issuer.notAfter()) || notBefore.isBefore(issuer.notBefore())) {
            throw CaException.of(
                    ErrorCode.FORBIDDEN,
                    "requested validity is outside the issuer's own, " + GoTime.print(issuer.notBefore()) + " to "
                            + GoTime.print(issuer.notAfter()));
        }
        return this;
    }

    /** @param tooShort the longest that a certificate may be, where it is less than what is needed */
    private static void checkLongest(Optional<Duration> tooShort, Duration needed) {
        tooShort.ifPresent(most -> {
            throw CaException.of(
                    ErrorCode.FORBIDDEN,
                    "a certificate duration of " + printed(needed)
                            + " is more than keyRules.maxValidity in chancery.json allows: " + printed(most));
        });
    }

    private static String printed(Duration length) {
        return GoDuration.print(length.compareTo(LONGEST) > 0 ? LONGEST : length);
    }

    private static CaException malformed(String detail) {
        return CaException.of(ErrorCode.MALFORMED, detail);
    }

    private static CaException forbidden(Duration length, String how, Duration limit) {
        return CaException.of(
                ErrorCode.FORBIDDEN,
                "requested duration of " + printed(length) + " is " + how + " certificate duration of "
                        + GoDuration.print(limit));
    }
}
