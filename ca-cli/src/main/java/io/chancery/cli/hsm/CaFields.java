package io.chancery.cli.hsm;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.core.certificate.CaIssuer;
import io.chancery.core.certificate.CaNames;
import io.chancery.core.certificate.CaTemplate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.time.GoDuration;
import java.math.BigInteger;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.OptionalInt;
import org.bouncycastle.asn1.x500.X500Name;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What stands in a CA certificate, as options. */
public final class CaFields {
    @Option(
            names = "--validity",
            paramLabel = "DURATION",
            defaultValue = "87600h",
            description = "how long it is valid, as 87600h or 3650d (${DEFAULT-VALUE})")
    private String validity = "";

    @Option(
            names = "--path-length",
            paramLabel = "N",
            defaultValue = "0",
            description = "how many CA certificates may follow below it; -1 is no limit (${DEFAULT-VALUE})")
    private int pathLength;

    @Option(
            names = "--permit",
            paramLabel = "NAME",
            description = "name constraint, once for each: dns:NAME, ip:ADDRESS/PREFIX, email:DOMAIN or uri:DOMAIN")
    private List<String> permitted = List.of();

    @Option(names = "--exclude", paramLabel = "NAME", description = "as --permit, for names that are not allowed")
    private List<String> excluded = List.of();

    @Option(
            names = "--signature-algorithm",
            paramLabel = "NAME",
            description = "how the signing key signs, such as SHA256-RSAPSS; else as its own certificate is signed,"
                    + " or as Go chooses for the key")
    @Nullable
    private String signatureAlgorithm;

    CaTemplate template(X500Name subject, PublicKey key, CaIssuer issuer, Surroundings surroundings)
            throws UsageException {
        Instant now = surroundings.clock().instant().truncatedTo(ChronoUnit.SECONDS);
        try {
            return new CaTemplate(
                    subject,
                    key,
                    signatureAlgorithm == null ? issuer : issuer.withScheme(scheme(signatureAlgorithm)),
                    serial(surroundings),
                    now,
                    now.plus(duration(validity)),
                    pathLength < 0 ? OptionalInt.empty() : OptionalInt.of(pathLength),
                    CaNames.constraints(permitted, excluded));
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    /** By its name; IllegalArgumentException says which there are. */
    public static SignatureScheme scheme(String name) {
        return SignatureScheme.named(name)
                .orElseThrow(() -> new IllegalArgumentException(
                        "\"" + name + "\" is no signature algorithm; allowed: " + SignatureScheme.names()));
    }

    /** A new one. */
    public static BigInteger serial(Surroundings surroundings) {
        byte[] entropy = new byte[SerialNumber.ENTROPY_BYTES];
        surroundings.random().nextBytes(entropy);
        return SerialNumber.fromEntropy(entropy).value();
    }

    /** Go's durations, and days, which CA certificates are measured in; IllegalArgumentException. */
    public static Duration duration(String text) {
        Duration duration = text.matches("[1-9][0-9]{0,5}d")
                ? Duration.ofDays(Long.parseLong(text.substring(0, text.length() - 1)))
                : GoDuration.parse(text);
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException("a validity is longer than 0: " + text);
        }
        return duration;
    }

    static X500Name subject(String text) throws UsageException {
        try {
            return CaNames.subject(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--subject: " + e.getMessage());
        }
    }
}
