package io.chancery.core.config;

import io.chancery.core.profile.Claims;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Sees whether {@code claims} (wire contract s. 5.1) can be read, and whether their limits leave anything to issue. */
final class ClaimsReader {
    private static final List<String> DURATIONS =
            List.of("minTLSCertDuration", "maxTLSCertDuration", "defaultTLSCertDuration");
    /** step writes none of them unless it is told to. */
    private static final List<String> SSH_DURATIONS = List.of(
            "minUserSSHCertDuration",
            "maxUserSSHCertDuration",
            "defaultUserSSHCertDuration",
            "minHostSSHCertDuration",
            "maxHostSSHCertDuration",
            "defaultHostSSHCertDuration");
    /** step writes {@code enableSSHCA} for every provisioner, so it passes without a word. */
    private static final List<String> FLAGS =
            List.of("disableRenewal", "allowRenewalAfterExpiry", "disableSmallstepExtensions", "enableSSHCA");

    private static final String ORDERED = "durations with 0 < min <= default <= max";

    private final Problems problems;

    ClaimsReader(Problems problems) {
        this.problems = problems;
    }

    /** Those that hold for all provisioners. */
    Map<String, Object> ofAuthority(Node node) {
        Map<String, Object> claims = CaConfigReader.withoutNulls(node.members());
        if (wellTyped(node)) {
            try {
                Claims unused = Claims.BUILT_IN.overlaid(claims).checked();
            } catch (IllegalArgumentException e) {
                problems.error(node.pointer(), String.valueOf(e.getMessage()), ORDERED);
            }
        }
        return claims;
    }

    /**
     * A provisioner's: what cannot be read stops step-ca too; limits that exclude each other make both list the
     * provisioner and refuse its requests.
     */
    void ofProvisioner(Node own, Map<String, Object> ofAuthority) {
        if (!wellTyped(own)) {
            return;
        }
        Claims above = Claims.BUILT_IN;
        try {
            above = above.overlaid(ofAuthority).checked();
        } catch (IllegalArgumentException e) {
            return; // named where it stands
        }
        try {
            Claims unused =
                    above.overlaid(CaConfigReader.withoutNulls(own.members())).checked();
        } catch (IllegalArgumentException e) {
            problems.warning(
                    own.pointer(),
                    String.valueOf(e.getMessage()),
                    ORDERED + "; with these every request of the provisioner is refused");
        }
    }

    /** Each member by itself, so that all that are wrong are named. */
    private boolean wellTyped(Node claims) {
        int before = problems.all().size();
        DURATIONS.forEach(name -> {
            Optional<Duration> unused = claims.duration(name);
        });
        List<String> ofSsh = SSH_DURATIONS.stream()
                .filter(name -> claims.duration(name).isPresent())
                .toList();
        FLAGS.forEach(name -> {
            boolean unused = claims.flag(name);
        });
        boolean clean = problems.all().size() == before;
        ofSsh.forEach(claims::unsupported);
        claims.reportUnknown(false);
        return clean;
    }
}
