package io.chancery.cluster.replay;

import io.chancery.core.der.Sha256;
import io.chancery.core.issuance.StepIssuance;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * A used token as the grid remembers it: hashes alone.
 *
 * @param key SHA-256 of the token id
 * @param value what the repeat of its request would have to show
 * @param life how long it is remembered: whole seconds, at least an hour, at most ten years
 */
public record UsedToken(Sha256 key, Sha256 value, Duration life) {
    /** How long after expiry and leeway the store may still be asked about a token. */
    private static final Duration AFTER_EXPIRY = Duration.ofHours(1);

    private static final Duration WITHOUT_EXPIRY = Duration.ofHours(24);
    private static final Duration LEAST = Duration.ofHours(1);
    /** Whatever a token claims, the number of seconds must not grow into one that means "for ever". */
    private static final Duration MOST = Duration.ofDays(3650);

    public UsedToken {
        // In the grid 0 is for ever, and less than that the map's default: neither may ever reach it.
        if (life.compareTo(LEAST) < 0
                || life.compareTo(MOST) > 0
                || !life.equals(life.truncatedTo(ChronoUnit.SECONDS))) {
            throw new IllegalArgumentException("a used token is remembered for 1 h to 10 years, not " + life);
        }
    }

    /**
     * @param expiresAt the token's {@code exp}, without leeway
     * @param repeatKey of the request that used it; empty when nothing may pass as its repeat
     */
    public static UsedToken of(
            Sha256 key, Optional<Instant> expiresAt, Optional<Sha256> repeatKey, Instant now, SecureRandom random) {
        return new UsedToken(key, repeatKey.orElseGet(() -> unlikeAny(random)), life(expiresAt, now));
    }

    /** A value that no request can show. */
    private static Sha256 unlikeAny(SecureRandom random) {
        byte[] value = new byte[32];
        random.nextBytes(value);
        return Sha256.ofValue(value);
    }

    private static Duration life(Optional<Instant> expiresAt, Instant now) {
        if (expiresAt.isEmpty()) {
            return WITHOUT_EXPIRY;
        }
        // In seconds: the furthest instants are more nanoseconds apart than a long holds.
        long seconds = expiresAt.get().getEpochSecond()
                - now.getEpochSecond()
                + StepIssuance.LEEWAY.plus(AFTER_EXPIRY).toSeconds();
        return Duration.ofSeconds(Math.min(Math.max(seconds, LEAST.toSeconds()), MOST.toSeconds()));
    }
}
