package io.chancery.core.template;

import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.name.SubjectAltName;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.jspecify.annotations.Nullable;

/**
 * What a template says of a certificate.
 *
 * @param commonName the subject's, or empty; for search
 * @param names those of the four common kinds, for name constraints and search
 * @param subjectKeyId instead of the key's own
 * @param scheme instead of the issuer's own, whose key it may not fit
 * @param before extensions that stand before the key identifiers, in Go's order
 * @param after those that stand behind them
 * @param written the template's own words: the JSON object that it gave
 */
public record TemplatedCertificate(
        X500Name subject,
        String commonName,
        List<SubjectAltName> names,
        Optional<Instant> notBefore,
        Optional<Instant> notAfter,
        Optional<Der> subjectKeyId,
        Optional<SignatureScheme> scheme,
        List<Extension> before,
        List<Extension> after,
        Map<String, @Nullable Object> written) {
    public TemplatedCertificate {
        names = List.copyOf(names);
        before = List.copyOf(before);
        after = List.copyOf(after);
        written = Collections.unmodifiableMap(new LinkedHashMap<>(written)); // with nulls
    }

    /** All that the template gives. */
    public List<Extension> extensions() {
        return Stream.concat(before.stream(), after.stream()).toList();
    }
}
