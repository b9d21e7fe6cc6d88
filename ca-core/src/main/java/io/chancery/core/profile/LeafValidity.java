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
     * @param issuer bounds it: a default or a backdate that would pass its ends is cut there, a wish that would is refused
     * @throws CaException MALFORMED or FORBIDDEN in step-ca's words
     */
    public static LeafValidity of(
            Optional<TimeOrDuration> notBefore,
            Optional<TimeOrDuration> notAfter,
            Claims claims,
            Duration backdate,
            Instant now,
            LeafValidity issuer) {
        Instant second = now.truncatedTo(ChronoUnit.SECONDS);
        Instant start = notBefore.map(t -> t.resolve(second)).orElse(second).truncatedTo(ChronoUnit.SECONDS);
        Instant wished = notAfter.map(t -> t.resolve(start))
                .orElseGet(() -> start.plus(claims.defaultTls()))
                .truncatedTo(ChronoUnit.SECONDS);
        Instant end = notAfter.isEmpty() && wished.isAfter(issuer.notAfter()) ? issuer.notAfter() : wished;
        return new LeafValidity(
                        notBefore.isPresent()
                                ? start
                                : later(start.minus(backdate).truncatedTo(ChronoUnit.SECONDS), issuer.notBefore()),
                        end)
                .checked(claims, backdate, second, issuer);
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

    /** This one, but no longer than to that moment. */
    public LeafValidity endingBy(Instant end) {
        return new LeafValidity(notBefore, notAfter.isBefore(end) ? notAfter : end);
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

    private LeafValidity checked(Claims claims, Duration backdate, Instant now, LeafValidity issuer) {
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
        if (notAfter.isAfter(issuer.notAfter()) || notBefore.isBefore(issuer.notBefore())) {
            throw CaException.of(
                    ErrorCode.FORBIDDEN,
                    "requested validity is outside the issuer's own, " + GoTime.print(issuer.notBefore()) + " to "
                            + GoTime.print(issuer.notAfter()));
        }
        return this;
    }

    private static CaException malformed(String detail) {
        return CaException.of(ErrorCode.MALFORMED, detail);
    }

    private static CaException forbidden(Duration length, String how, Duration limit) {
        return CaException.of(
                ErrorCode.FORBIDDEN,
                "requested duration of " + GoDuration.print(length.compareTo(LONGEST) > 0 ? LONGEST : length) + " is "
                        + how + " certificate duration of " + GoDuration.print(limit));
    }
}
