package io.chancery.core.template;

import io.chancery.core.csr.CertificateRequest;
import io.chancery.core.der.Der;
import io.chancery.core.name.SubjectAltName;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a template learns of a request.
 *
 * @param subject the token's
 * @param names those that the token grants
 * @param authorizedBy DER of the certificate that signed the token, then of those above it; empty when none did
 * @param token all claims
 * @param userData what the caller sent as {@code templateData}; null when nothing was sent
 * @param webhooks what enriching webhooks answered, by their names
 */
public record TemplateRequest(
        String subject,
        List<SubjectAltName> names,
        List<Der> authorizedBy,
        Map<String, @Nullable Object> token,
        CertificateRequest csr,
        @Nullable Object userData,
        Map<String, @Nullable Object> webhooks) {
    public TemplateRequest {
        names = List.copyOf(names);
        authorizedBy = List.copyOf(authorizedBy);
        webhooks = Collections.unmodifiableMap(new LinkedHashMap<>(webhooks)); // with nulls
    }

    /** One that no webhook has said anything of. */
    public TemplateRequest(
            String subject,
            List<SubjectAltName> names,
            List<Der> authorizedBy,
            Map<String, @Nullable Object> token,
            CertificateRequest csr,
            @Nullable Object userData) {
        this(subject, names, authorizedBy, token, csr, userData, Map.of());
    }
}
