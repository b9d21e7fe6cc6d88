package io.chancery.core.template;

import io.chancery.core.csr.CertificateRequest;
import io.chancery.core.json.Json;
import java.io.IOException;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
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
        Map<String, byte[]> extensions = extensions(all.get("extensions"));
        all.put("keyUsage", usage(extensions));
        List<KeyPurposeId> purposes = purposes(extensions);
        all.put("extKeyUsage", ExtensionReader.purposeNames(purposes));
        List<String> unknown = ExtensionReader.unknownPurposes(purposes);
        all.put("unknownExtKeyUsage", unknown.isEmpty() ? null : unknown);
        all.put("basicConstraints", constraints(extensions));
        all.put("signatureAlgorithm", "");
        return all;
    }

    private static Map<String, byte[]> extensions(@Nullable Object list) {
        Map<String, byte[]> extensions = new HashMap<>();
        for (Object each : list instanceof List<?> all ? all : List.of()) {
            if (each instanceof Map<?, ?> one && one.get("id") instanceof String id) {
                extensions.put(id, Base64.getDecoder().decode(String.valueOf(one.get("value"))));
            }
        }
        return extensions;
    }

    private static @Nullable List<String> usage(Map<String, byte[]> extensions) {
        List<String> names = ExtensionReader.usageNames(parsed(
                extensions, Extension.keyUsage, value -> KeyUsage.getInstance(ASN1BitString.getInstance(value))));
        return names.isEmpty() ? null : names;
    }

    private static List<KeyPurposeId> purposes(Map<String, byte[]> extensions) {
        return parsed(extensions, Extension.extendedKeyUsage, ExtendedKeyUsage::getInstance)
                .map(usage -> List.of(usage.getUsages()))
                .orElse(List.of());
    }

    private static @Nullable Map<String, Object> constraints(Map<String, byte[]> extensions) {
        return parsed(extensions, Extension.basicConstraints, RequestDescription::constraints)
                .orElse(null);
    }

    private static Map<String, Object> constraints(ASN1Primitive value) {
        BasicConstraints basic = BasicConstraints.getInstance(value);
        return Map.of(
                "isCA",
                basic.isCA(),
                "maxPathLen",
                basic.getPathLenConstraintInteger() == null
                        ? -1
                        : basic.getPathLenConstraintInteger().intValueExact());
    }

    /**
     * What cannot be read is passed over, as step does it: the whole extension is there beside it.
     *
     * @param reader to its end: what is read later is not caught here
     */
    private static <T> Optional<T> parsed(
            Map<String, byte[]> extensions, ASN1ObjectIdentifier oid, Function<ASN1Primitive, T> reader) {
        byte[] value = extensions.get(oid.getId());
        try {
            return value == null ? Optional.empty() : Optional.of(reader.apply(ASN1Primitive.fromByteArray(value)));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }
}
