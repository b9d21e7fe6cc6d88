package io.chancery.core.template;

import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.name.SubjectAltName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.jspecify.annotations.Nullable;

/**
 * A certificate as step writes it in JSON: what a template gave, each member under its own name and of its own type, and
 * those that it left out. Pure.
 */
public final class CertificateText {
    private static final List<String> NAME_LISTS = List.of(
            "country", "organization", "organizationalUnit", "locality", "province", "streetAddress", "postalCode");
    private static final List<String> LISTS = List.of("dnsNames", "emailAddresses", "ipAddresses", "uris");
    private static final List<String> LATER_LISTS =
            List.of("ocspServer", "issuingCertificateURL", "crlDistributionPoints", "policyIdentifiers");
    private static final List<String> CONSTRAINTS = List.of(
            "permittedDNSDomains",
            "excludedDNSDomains",
            "permittedIPRanges",
            "excludedIPRanges",
            "permittedEmailAddresses",
            "excludedEmailAddresses",
            "permittedURIDomains",
            "excludedURIDomains");

    private CertificateText() {}

    /** Of a certificate that a template described. */
    public static Map<String, @Nullable Object> of(TemplatedCertificate certificate) {
        return of(new Members("", certificate.written()));
    }

    /** Of step's default leaf. */
    public static Map<String, @Nullable Object> ofLeaf(
            String subject, List<SubjectAltName> names, SubjectPublicKeyInfo key) {
        boolean rsa = key.getAlgorithm().getAlgorithm().equals(PKCSObjectIdentifiers.rsaEncryption);
        Map<String, @Nullable Object> written = new LinkedHashMap<>();
        written.put("subject", subject);
        written.put("sans", sans(names));
        written.put("keyUsage", rsa ? List.of("digitalSignature", "keyEncipherment") : List.of("digitalSignature"));
        written.put("extKeyUsage", List.of("serverAuth", "clientAuth"));
        return of(new Members("", written));
    }

    // In step's order: addresses before e-mail addresses.
    private static List<Map<String, Object>> sans(List<SubjectAltName> names) {
        List<SubjectAltName> ordered = new ArrayList<>(names);
        ordered.sort(Comparator.comparing(name -> TemplateVariables.SAN_ORDER.indexOf(name.kind())));
        List<Map<String, Object>> sans = new ArrayList<>();
        for (SubjectAltName each : ordered) {
            sans.add(Map.of("type", TemplateVariables.sanType(each), "value", each.text()));
        }
        return sans;
    }

    private static Map<String, @Nullable Object> of(Members from) {
        Map<String, @Nullable Object> text = new LinkedHashMap<>();
        text.put("version", from.number("version"));
        text.put("subject", name(from, "subject"));
        text.put("rawSubject", orNull(from.text("rawSubject")));
        text.put("issuer", name(from, "issuer"));
        text.put("serialNumber", null); // never the template's to choose
        LISTS.forEach(each -> text.put(each, list(from, each)));
        text.put(
                "sans",
                from.raw("sans") == null
                        ? null
                        : from.objects("sans").stream()
                                .map(CertificateText::san)
                                .toList());
        text.put(
                "extensions",
                from.raw("extensions") == null
                        ? null
                        : from.objects("extensions").stream()
                                .map(CertificateText::extension)
                                .toList());
        text.put("keyUsage", usage(from));
        text.put(
                "extKeyUsage",
                from.texts("extKeyUsage").stream()
                        .map(ExtensionReader::purposeName)
                        .toList());
        text.put("unknownExtKeyUsage", list(from, "unknownExtKeyUsage"));
        text.put("subjectKeyId", orNull(from.text("subjectKeyId")));
        text.put("authorityKeyId", orNull(from.text("authorityKeyId")));
        LATER_LISTS.forEach(each -> text.put(each, list(from, each)));
        text.put(
                "basicConstraints",
                from.object("basicConstraints").map(CertificateText::basic).orElse(null));
        text.put(
                "nameConstraints",
                from.object("nameConstraints").map(CertificateText::constraints).orElse(null));
        text.put(
                "signatureAlgorithm",
                SignatureScheme.named(from.text("signatureAlgorithm"))
                        .map(SignatureScheme::text)
                        .orElse(""));
        return text;
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }

    private static @Nullable List<String> list(Members from, String name) {
        return from.raw(name) == null ? null : from.texts(name);
    }

    private static @Nullable List<String> usage(Members from) {
        List<String> names = ExtensionReader.usageNames(from.texts("keyUsage"));
        return names.isEmpty() ? null : names;
    }

    private static Map<String, Object> name(Members from, String member) {
        if (from.raw(member) instanceof String commonName) {
            return commonName.isEmpty() ? Map.of() : Map.of("commonName", commonName);
        }
        Map<String, Object> name = new LinkedHashMap<>();
        from.object(member).ifPresent(given -> {
            for (String each : NAME_LISTS) {
                if (!given.texts(each).isEmpty()) {
                    name.put(each, given.texts(each));
                }
            }
            for (String each : List.of("serialNumber", "commonName")) {
                if (!given.text(each).isEmpty()) {
                    name.put(each, given.text(each));
                }
            }
            List<Map<String, Object>> extra = new ArrayList<>();
            given.objects("extraNames")
                    .forEach(each -> extra.add(Map.of("type", each.text("type"), "value", each.text("value"))));
            if (!extra.isEmpty()) {
                name.put("extraNames", extra);
            }
        });
        return name;
    }

    private static Map<String, Object> san(Members given) {
        Map<String, Object> san = new LinkedHashMap<>();
        san.put("type", given.text("type"));
        san.put("value", given.text("value"));
        @Nullable Object value = given.raw("asn1Value");
        if (value != null) {
            san.put("asn1Value", value);
        }
        return san;
    }

    private static Map<String, @Nullable Object> extension(Members given) {
        Map<String, @Nullable Object> extension = new LinkedHashMap<>();
        extension.put("id", given.text("id"));
        extension.put("critical", given.flag("critical"));
        extension.put("value", orNull(given.text("value")));
        return extension;
    }

    private static Map<String, Object> basic(Members given) {
        return new TreeMap<>(Map.of("isCA", given.flag("isCA"), "maxPathLen", given.number("maxPathLen")));
    }

    private static Map<String, @Nullable Object> constraints(Members given) {
        Map<String, @Nullable Object> constraints = new LinkedHashMap<>();
        constraints.put("critical", given.flag("critical"));
        CONSTRAINTS.forEach(each -> constraints.put(each, list(given, each)));
        return constraints;
    }
}
