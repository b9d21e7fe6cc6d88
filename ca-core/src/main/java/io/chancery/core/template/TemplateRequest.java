package io.chancery.core.template;

import io.chancery.core.csr.CertificateRequest;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a template learns of a request.
 *
 * @param subject the token's
 * @param sans the names that the token asks for, as it writes them
 * @param token all claims
 * @param userData what the caller sent as {@code templateData}; null when nothing was sent
 */
public record TemplateRequest(
        String subject,
        List<String> sans,
        Map<String, @Nullable Object> token,
        CertificateRequest csr,
        @Nullable Object userData) {
    public TemplateRequest {
        sans = List.copyOf(sans);
    }
}
