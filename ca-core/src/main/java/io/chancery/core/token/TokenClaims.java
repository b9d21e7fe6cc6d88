package io.chancery.core.token;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The claims of a token (wire contract s. 4.1), typed.
 *
 * @param subject {@code sub}, of at most {@value #LONGEST_NAME} characters
 * @param sans the names asked for, each no longer; {@code sub} alone when the token lists none
 * @param csrFingerprint {@code cnf."x5rt#S256"}: base64url SHA-256 of the only CSR that this token is for
 */
public record TokenClaims(
        String issuer,
        String subject,
        List<String> audience,
        String tokenId,
        Optional<Instant> issuedAt,
        Optional<Instant> notBefore,
        Optional<Instant> expiresAt,
        List<String> sans,
        Optional<String> csrFingerprint) {
    private static final long EARLIEST_SECOND =
            Instant.parse("0001-01-01T00:00:00Z").getEpochSecond();
    private static final long LATEST_SECOND =
            Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();
    private static final int LONGEST_ID = 1024;
    /** Real tokens have one to three; each is read as a URL before anything is verified, which takes some microseconds. */
    private static final int MOST_AUDIENCES = 32;

    /** Longest name that a token may give somebody, in characters: it ends in certificates, the store, logs and answers. */
    public static final int LONGEST_NAME = 2_048;

    public TokenClaims {
        audience = List.copyOf(audience);
        sans = List.copyOf(sans);
    }

    static TokenClaims of(Map<String, @Nullable Object> payload) {
        String subject = name(text(payload, "sub"), "sub");
        if (payload.get("sans") instanceof String) {
            throw OneTimeToken.invalid("sans is not a list"); // unlike aud, RFC 7519 s. 4.1.3
        }
        List<String> sans = strings(payload, "sans");
        sans.forEach(each -> name(each, "sans"));
        List<String> audience = strings(payload, "aud");
        if (audience.size() > MOST_AUDIENCES) {
            throw OneTimeToken.invalid("aud has more than " + MOST_AUDIENCES + " elements");
        }
        String tokenId = text(payload, "jti");
        if (tokenId.length() > LONGEST_ID) {
            throw OneTimeToken.invalid("jti longer than " + LONGEST_ID + " characters");
        }
        return new TokenClaims(
                text(payload, "iss"),
                subject,
                audience,
                tokenId,
                moment(payload, "iat"),
                moment(payload, "nbf"),
                moment(payload, "exp"),
                sans.isEmpty() ? List.of(subject) : sans,
                fingerprint(payload));
    }

    /**
     * The same, when it is no longer than a name may be.
     *
     * @param claim that gives it
     * @throws io.chancery.core.error.CaException TOKEN_INVALID, hidden
     */
    @CanIgnoreReturnValue
    public static String name(String text, String claim) {
        if (text.length() > LONGEST_NAME) {
            throw OneTimeToken.invalid(claim + " longer than " + LONGEST_NAME + " characters");
        }
        return text;
    }

    private static Optional<String> fingerprint(Map<String, @Nullable Object> payload) {
        Object cnf = payload.get("cnf");
        if (cnf == null) {
            return Optional.empty();
        }
        if (cnf instanceof Map<?, ?> members) {
            Object value = members.get("x5rt#S256");
            if (value == null) {
                return Optional.empty();
            }
            if (value instanceof String text) {
                return text.isEmpty() ? Optional.empty() : Optional.of(text);
            }
        }
        throw OneTimeToken.invalid("cnf is not an object with x5rt#S256");
    }

    private static String text(Map<String, @Nullable Object> payload, String name) {
        Object value = payload.get(name);
        if (value == null) {
            return "";
        }
        if (value instanceof String text) {
            return text;
        }
        throw OneTimeToken.invalid(name + " is not a string");
    }

    private static List<String> strings(Map<String, @Nullable Object> payload, String name) {
        Object value = payload.get(name);
        if (value == null) {
            return List.of();
        }
        if (value instanceof String text) {
            return List.of(text);
        }
        List<String> result = new ArrayList<>();
        if (value instanceof List<?> list) {
            for (Object element : list) {
                if (!(element instanceof String text)) {
                    throw OneTimeToken.invalid(name + " holds something that is not a string");
                }
                result.add(text);
            }
            return result;
        }
        throw OneTimeToken.invalid(name + " is neither a string nor a list of them");
    }

    /** NumericDate (RFC 7519 s. 2); fractions are dropped, as nothing here is finer than a second. */
    private static Optional<Instant> moment(Map<String, @Nullable Object> payload, String name) {
        Object value = payload.get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof BigDecimal seconds) {
            // Bounds first: a hostile exponent must not be expanded.
            if (seconds.compareTo(BigDecimal.valueOf(EARLIEST_SECOND)) >= 0
                    && seconds.compareTo(BigDecimal.valueOf(LATEST_SECOND)) <= 0) {
                return Optional.of(Instant.ofEpochSecond(seconds.longValue()));
            }
        }
        throw OneTimeToken.invalid(name + " is not a time in seconds");
    }
}
