package io.chancery.core.template;

import io.chancery.core.csr.CertificateRequest;
import io.chancery.core.der.Der;
import io.chancery.core.name.SubjectAltName;
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
 */
public record TemplateRequest(
        String subject,
        List<SubjectAltName> names,
        List<Der> authorizedBy,
        Map<String, @Nullable Object> token,
        CertificateRequest csr,
        @Nullable Object userData) {
    public TemplateRequest {
        names = List.copyOf(names);
        authorizedBy = List.copyOf(authorizedBy);
    }
}
