package io.chancery.core.template;

import io.chancery.core.csr.CertificateRequest;
import io.chancery.core.json.Json;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A certificate request as step writes it in JSON. Pure. */
public final class RequestDescription {
    private static final RequestText REQUEST =
            RequestText.compile("a certificate request", "{{ toJson .Insecure.CR }}", Map.of(), TemplateSources.NONE);

    private RequestDescription() {}

    /** IllegalArgumentException when it is larger than a template's output may be. */
    public static Map<String, @Nullable Object> of(CertificateRequest csr) {
        TemplateRequest request = new TemplateRequest("", List.of(), List.of(), Map.of(), csr, null);
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        if (Json.parse(REQUEST.of(request, Instant.EPOCH)) instanceof Map<?, ?> text) {
            text.forEach((name, value) -> all.put((String) name, value));
        }
        return all;
    }
}
