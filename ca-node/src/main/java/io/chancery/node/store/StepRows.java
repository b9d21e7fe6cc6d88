package io.chancery.node.store;

import io.chancery.core.certificate.ForeignCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.json.Json;
import io.chancery.core.token.OneTimeToken;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What rows of a step-ca say. IllegalArgumentException, for people, when they say nothing that can be kept. */
final class StepRows {
    private static final int MOST_REASON_CODE = 10; // RFC 5280 s. 5.3.1

    private StepRows() {}

    /** @param provisioner empty when neither the row nor the certificate names one */
    record Certificate(ForeignCertificate certificate, String provisioner) {
        static Certificate read(byte[] key, byte[] der, byte @Nullable [] data) {
            ForeignCertificate certificate = ForeignCertificate.parse(der);
            if (!certificate.serial().equals(serialOf(key))) {
                throw new IllegalArgumentException("the certificate has serial " + certificate.serial());
            }
            Optional<String> named = data == null ? Optional.empty() : name(text(data));
            return new Certificate(
                    certificate, named.or(certificate::provisioner).orElse(""));
        }

        private static Optional<String> name(String json) {
            try {
                return Optional.ofNullable(object(json).get("provisioner"))
                        .filter(Map.class::isInstance)
                        .map(member -> ((Map<?, ?>) member).get("name"))
                        .filter(String.class::isInstance)
                        .map(name -> printable((String) name));
            } catch (IllegalArgumentException e) {
                return Optional.empty(); // the certificate may say it itself
            }
        }
    }

    /**
     * @param end the certificate's, when step-ca knew it
     * @param provisioner its id, as step-ca writes it
     */
    record Revocation(
            SerialNumber serial, Instant at, Optional<Instant> end, String provisioner, int reasonCode, String reason) {
        static Revocation read(byte[] key, byte[] value) {
            Map<String, @Nullable Object> members = object(text(value));
            Instant at = time(members, "RevokedAt")
                    .orElseThrow(() -> new IllegalArgumentException("no time of the revocation"));
            return new Revocation(
                    serialOf(key),
                    at,
                    time(members, "ExpiresAt"),
                    string(members, "ProvisionerID"),
                    members.get("ReasonCode") instanceof Number code
                                    && code.intValue() >= 0
                                    && code.intValue() <= MOST_REASON_CODE
                            ? code.intValue()
                            : 0,
                    string(members, "Reason"));
        }

        /** Empty for Go's zero time, too. */
        private static Optional<Instant> time(Map<String, @Nullable Object> members, String name) {
            try {
                return Optional.of(Instant.parse(string(members, name))).filter(time -> time.isAfter(Instant.EPOCH));
            } catch (DateTimeException e) {
                return Optional.empty();
            }
        }
    }

    /**
     * @param keys all under which the token may be asked for: by what it says itself, and by the id that step-ca gave it,
     *     which for instances of a cloud is another one
     */
    record Token(Set<Sha256> keys, Optional<Instant> issuedAt, Optional<Instant> expiresAt, String provisioner) {
        static Token read(byte[] key, byte[] value) {
            Set<Sha256> keys = new LinkedHashSet<>(Set.of(Sha256.digest(key)));
            try {
                OneTimeToken token = OneTimeToken.parse(text(value));
                boolean unused = keys.add(token.useKey());
                return new Token(
                        keys,
                        token.claims().issuedAt(),
                        token.claims().expiresAt(),
                        printable(token.claims().issuer()));
            } catch (CaException e) {
                // Of a kind that we do not read, and so would not take: remembered by its id, for ever.
                return new Token(keys, Optional.empty(), Optional.empty(), "");
            }
        }
    }

    private static SerialNumber serialOf(byte[] key) {
        return SerialNumber.parseDecimal(text(key));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static Map<String, @Nullable Object> object(String json) {
        if (Json.parse(json) instanceof Map<?, ?> map) {
            @SuppressWarnings("unchecked") // JSON objects have string keys
            Map<String, @Nullable Object> members = (Map<String, @Nullable Object>) map;
            return members;
        }
        throw new IllegalArgumentException("no JSON object");
    }

    private static String string(Map<String, @Nullable Object> members, String name) {
        return members.get(name) instanceof String text ? printable(text) : "";
    }

    /** One line, without characters that a database cannot hold. */
    static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", " ");
    }
}
