package io.chancery.core.profile;

import io.chancery.core.json.Json;
import io.chancery.core.time.GoDuration;
import java.time.Duration;
import java.util.Map;

/**
 * What a provisioner allows (wire contract s. 5.1), layered: built-in, then the authority's, then its own.
 *
 * @param minTls shortest certificate
 * @param maxTls longest certificate, backdating not counted
 * @param defaultTls length when none is asked for
 */
public record Claims(
        Duration minTls,
        Duration maxTls,
        Duration defaultTls,
        boolean disableRenewal,
        boolean allowRenewalAfterExpiry,
        boolean disableSmallstepExtensions) {

    public static final Claims BUILT_IN =
            new Claims(Duration.ofMinutes(5), Duration.ofHours(24), Duration.ofHours(24), false, false, false);

    /**
     * These claims with what the raw member says over them. A default above the inherited maximum (below the minimum)
     * moves that limit unless it is set too, as step-ca has it.
     *
     * @throws IllegalArgumentException naming the member when one cannot be read
     */
    public Claims overlaid(Map<String, Object> raw) {
        Duration dflt = duration(raw, "defaultTLSCertDuration", defaultTls);
        Duration max = duration(raw, "maxTLSCertDuration", dflt.compareTo(maxTls) > 0 ? dflt : maxTls);
        Duration min = duration(raw, "minTLSCertDuration", dflt.compareTo(minTls) < 0 ? dflt : minTls);
        return new Claims(
                min,
                max,
                dflt,
                flag(raw, "disableRenewal", disableRenewal),
                flag(raw, "allowRenewalAfterExpiry", allowRenewalAfterExpiry),
                flag(raw, "disableSmallstepExtensions", disableSmallstepExtensions));
    }

    /** IllegalArgumentException unless 0 &lt; min ≤ default ≤ max. */
    public Claims checked() {
        if (minTls.isNegative() || minTls.isZero()) {
            throw new IllegalArgumentException("claims: minTLSCertDuration must be greater than 0");
        }
        if (maxTls.compareTo(minTls) < 0) {
            throw new IllegalArgumentException("claims: maxTLSCertDuration must not be less than minTLSCertDuration");
        }
        if (defaultTls.compareTo(minTls) < 0 || defaultTls.compareTo(maxTls) > 0) {
            throw new IllegalArgumentException(
                    "claims: defaultTLSCertDuration must lie between minTLSCertDuration and maxTLSCertDuration");
        }
        return this;
    }

    private static Duration duration(Map<String, Object> raw, String name, Duration inherited) {
        Object value = Json.member(raw, name);
        if (value == null) {
            return inherited;
        }
        if (value instanceof String text) {
            return GoDuration.parse(text);
        }
        throw new IllegalArgumentException("claims: " + name + " must be a duration such as \"24h\"");
    }

    private static boolean flag(Map<String, Object> raw, String name, boolean inherited) {
        Object value = Json.member(raw, name);
        if (value == null) {
            return inherited;
        }
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw new IllegalArgumentException("claims: " + name + " must be true or false");
    }
}
