package io.chancery.core.template;

import io.chancery.core.csr.CertificateRequest;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.name.SubjectAltName.Kind;
import io.chancery.gotemplate.text.Utf8;
import io.chancery.gotemplate.value.Bool;
import io.chancery.gotemplate.value.Dict;
import io.chancery.gotemplate.value.Int;
import io.chancery.gotemplate.value.Opaque;
import io.chancery.gotemplate.value.Sequence;
import io.chancery.gotemplate.value.Struct;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.Type;
import io.chancery.gotemplate.value.Value;
import io.chancery.gotemplate.value.Values;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.pkcs.CertificationRequestInfo;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.jspecify.annotations.Nullable;

/** The variables of a template (wire contract s. 7.4), under the names and Go types that step gives them. Pure. */
final class TemplateVariables {
    private static final Type DATA = Type.dict("x509util.TemplateData");
    private static final Type SAN = Type.struct("x509util.SubjectAlternativeName");
    private static final Type MULTI_STRING = new Type(Type.Kind.SLICE, "x509util.MultiString", Type.STRING);
    private static final Type ADDRESSES = new Type(Type.Kind.SLICE, "x509util.MultiIP", CertificateVariable.ADDRESS);
    private static final Type URLS = new Type(Type.Kind.SLICE, "x509util.MultiURL", CertificateVariable.URL);
    private static final Type ALGORITHM =
            new Type(Type.Kind.INT, "x509util.SignatureAlgorithm", null).writtenAs(value -> Text.EMPTY);
    static final List<Kind> SAN_ORDER = List.of(Kind.DNS, Kind.IP, Kind.EMAIL, Kind.URI);

    private static final List<Map.Entry<String, ASN1ObjectIdentifier>> LISTS = List.of(
            Map.entry("country", BCStyle.C),
            Map.entry("organization", BCStyle.O),
            Map.entry("organizationalUnit", BCStyle.OU),
            Map.entry("locality", BCStyle.L),
            Map.entry("province", BCStyle.ST),
            Map.entry("streetAddress", BCStyle.STREET),
            Map.entry("postalCode", BCStyle.POSTAL_CODE));

    private TemplateVariables() {}

    /** The root; the provisioner's own data comes last and may cover all but the request. */
    static Value of(TemplateRequest request, Map<String, Object> provisionerData) {
        Dict root = new Dict(DATA);
        root.put("Subject", name("x509util.Subject", new X500Name(new RDN[0]), request.subject()));
        root.put("SANs", sans(request.names()));
        root.put("Token", Values.of(request.token()));
        if (!request.authorizedBy().isEmpty()) {
            List<Value> chain = request.authorizedBy().stream()
                    .<Value>map(CertificateVariable::of)
                    .toList();
            root.put("AuthorizationCrt", chain.get(0));
            root.put("AuthorizationChain", new Sequence(Type.slice(chain.get(0).type()), chain, false));
        }
        provisionerData.forEach((name, value) -> root.put(Utf8.scrubbed(name), Values.of(value)));
        webhooks(request.webhooks(), root);
        // As step sets it: what the provisioner's data calls Insecure makes way.
        Dict insecure = new Dict(DATA);
        insecure.put("CR", csr(request.csr()));
        if (request.userData() != null) {
            Value user = Values.of(request.userData());
            insecure.put("User", user instanceof Dict ? user : new Dict(Type.DICT));
        }
        root.put("Insecure", insecure);
        return root;
    }

    // Not there when no webhook was asked; what the provisioner's data calls so is added to, or makes way.
    private static void webhooks(Map<String, @Nullable Object> answers, Dict root) {
        if (answers.isEmpty()) {
            return;
        }
        Dict webhooks = root.get("Webhooks") instanceof Dict given ? given : new Dict(Type.DICT);
        answers.forEach((name, data) -> webhooks.put(Utf8.scrubbed(name), Values.of(data)));
        root.put("Webhooks", webhooks);
    }

    private static Sequence sans(List<SubjectAltName> names) {
        List<Value> items = new ArrayList<>();
        // In step's order: addresses before e-mail addresses.
        List<SubjectAltName> ordered = new ArrayList<>(names);
        ordered.sort(Comparator.comparing(name -> SAN_ORDER.indexOf(name.kind())));
        for (SubjectAltName each : ordered) {
            items.add(new Struct(
                    SAN,
                    List.of(
                            new Struct.Field("Type", new Text(sanType(each)), "type", false),
                            new Struct.Field("Value", new Text(each.text()), "value", false),
                            new Struct.Field("ASN1Value", Sequence.nil(Type.OCTETS), "asn1Value", true))));
        }
        return new Sequence(Type.slice(SAN), items, false);
    }

    /** A name as it stands in a certificate. */
    static Struct name(String type, X500Name name) {
        Sequence all = texts(name, BCStyle.CN);
        String last = all.size() == 0 ? "" : ((Text) all.items().get(all.size() - 1)).value();
        return name(type, name, last);
    }

    static String sanType(SubjectAltName name) {
        return switch (name.kind()) {
            case DNS -> "dns";
            case EMAIL -> "email";
            case IP -> "ip";
            case URI -> "uri";
        };
    }

    private static Struct name(String type, X500Name name, String commonName) {
        List<Struct.Field> fields = new ArrayList<>();
        LISTS.forEach(entry -> {
            Sequence values = texts(name, entry.getValue());
            fields.add(new Struct.Field(upper(entry.getKey()), values, entry.getKey(), true));
        });
        Sequence serial = texts(name, BCStyle.SERIALNUMBER);
        Value last = serial.size() == 0 ? Text.EMPTY : serial.items().get(serial.size() - 1);
        fields.add(new Struct.Field("SerialNumber", last, "serialNumber", true));
        fields.add(new Struct.Field("CommonName", new Text(commonName), "commonName", true));
        fields.add(new Struct.Field("ExtraNames", extraNames(name), "extraNames", true));
        return new Struct(Type.struct(type), fields);
    }

    private static String upper(String name) {
        return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    private static Sequence texts(X500Name name, ASN1ObjectIdentifier oid) {
        List<Value> found = new ArrayList<>();
        for (RDN rdn : name.getRDNs()) {
            for (AttributeTypeAndValue each : rdn.getTypesAndValues()) {
                if (each.getType().equals(oid)) {
                    found.add(text(each.getValue()));
                }
            }
        }
        return found.isEmpty() ? Sequence.nil(MULTI_STRING) : new Sequence(MULTI_STRING, found, false);
    }

    // The value itself: BouncyCastle's own text has the escapes of RFC 4514.
    private static Text text(ASN1Encodable value) {
        return new Text(
                Utf8.scrubbed(value instanceof ASN1String text ? text.getString() : IETFUtils.valueToString(value)));
    }

    private static Sequence extraNames(X500Name name) {
        Type type = Type.struct("x509util.DistinguishedName");
        List<Value> found = new ArrayList<>();
        for (RDN rdn : name.getRDNs()) {
            for (AttributeTypeAndValue each : rdn.getTypesAndValues()) {
                boolean known = each.getType().equals(BCStyle.CN)
                        || each.getType().equals(BCStyle.SERIALNUMBER)
                        || LISTS.stream().anyMatch(entry -> entry.getValue().equals(each.getType()));
                if (!known) {
                    found.add(new Struct(
                            type,
                            List.of(
                                    new Struct.Field(
                                            "Type", new Text(each.getType().getId()), "type", false),
                                    new Struct.Field("Value", text(each.getValue()), "value", false))));
                }
            }
        }
        return found.isEmpty() ? Sequence.nil(Type.slice(type)) : new Sequence(Type.slice(type), found, false);
    }

    private static Struct csr(CertificateRequest csr) {
        CertificationRequestInfo info = org.bouncycastle.asn1.pkcs.CertificationRequest.getInstance(
                        csr.der().bytes())
                .getCertificationRequestInfo();
        List<Struct.Field> fields = new ArrayList<>();
        fields.add(new Struct.Field("Version", Int.of(0), "version", false));
        Struct subject = name("x509util.Subject", info.getSubject(), csr.commonName());
        fields.add(new Struct.Field("Subject", subject, "subject", false));
        fields.add(new Struct.Field("RawSubject", octets(encoded(info.getSubject())), "rawSubject", false));
        fields.add(names("DNSNames", "dnsNames", csr, Kind.DNS, MULTI_STRING, Text::new));
        fields.add(names("EmailAddresses", "emailAddresses", csr, Kind.EMAIL, MULTI_STRING, Text::new));
        fields.add(names(
                "IPAddresses",
                "ipAddresses",
                csr,
                Kind.IP,
                ADDRESSES,
                text -> new Opaque(CertificateVariable.ADDRESS, text)));
        fields.add(names("URIs", "uris", csr, Kind.URI, URLS, text -> new Opaque(CertificateVariable.URL, text)));
        fields.add(new Struct.Field("SANs", Sequence.nil(Type.slice(SAN)), "sans", false));
        fields.add(new Struct.Field("Extensions", extensions(info, isEmpty(subject)), "extensions", false));
        fields.addAll(ExtensionVariables.ofRequest(requested(info)));
        fields.add(new Struct.Field("SignatureAlgorithm", new Int(ALGORITHM, 0), "signatureAlgorithm", false));
        fields.add(new Struct.Field("PublicKey", KeyVariable.of(csr.keyInfo()), "", false));
        return new Struct(Type.pointer("x509util.CertificateRequest"), fields);
    }

    private static Struct.Field names(
            String field, String json, CertificateRequest csr, Kind kind, Type type, Function<String, Value> each) {
        List<Value> found = csr.names().stream()
                .filter(name -> name.kind() == kind)
                .map(name -> each.apply(name.text()))
                .toList();
        return new Struct.Field(
                field, found.isEmpty() ? Sequence.nil(type) : new Sequence(type, found, false), json, false);
    }

    private static Sequence extensions(CertificationRequestInfo info, boolean nobody) {
        Type type = Type.struct("x509util.Extension");
        List<Value> found = asked(info).stream()
                .<Value>map(each -> extension(type, each, nobody))
                .toList();
        return found.isEmpty() ? Sequence.nil(Type.slice(type)) : new Sequence(Type.slice(type), found, false);
    }

    /** Each once; null where there are none, as BouncyCastle has no empty list. */
    private static @Nullable Extensions requested(CertificationRequestInfo info) {
        Map<ASN1ObjectIdentifier, Extension> first = new LinkedHashMap<>();
        asked(info).forEach(each -> first.putIfAbsent(each.getExtnId(), each));
        return first.isEmpty() ? null : new Extensions(first.values().toArray(Extension[]::new));
    }

    private static List<Extension> asked(CertificationRequestInfo info) {
        List<Extension> found = new ArrayList<>();
        if (info.getAttributes() != null) {
            for (Object each : info.getAttributes().toArray()) {
                org.bouncycastle.asn1.pkcs.Attribute attribute = org.bouncycastle.asn1.pkcs.Attribute.getInstance(each);
                if (attribute.getAttrType().equals(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest)) {
                    for (ASN1Encodable value : attribute.getAttrValues()) { // none, where the set is empty
                        Extensions all = Extensions.getInstance(value);
                        for (ASN1ObjectIdentifier oid : all.getExtensionOIDs()) {
                            found.add(all.getExtension(oid));
                        }
                    }
                }
            }
        }
        return found;
    }

    /** As Go sees it, which passes over attributes that it has no name for. */
    private static boolean isEmpty(Struct subject) {
        return subject.fields().stream()
                .noneMatch(each ->
                        !each.name().equals("ExtraNames") && each.value().truth());
    }

    /** @param nobody whether the subject is empty: names are critical then, whatever the request says (RFC 5280 s. 4.2.1.6) */
    private static Struct extension(Type type, Extension extension, boolean nobody) {
        boolean critical =
                extension.isCritical() || (nobody && extension.getExtnId().equals(Extension.subjectAlternativeName));
        return new Struct(
                type,
                List.of(
                        new Struct.Field("ID", new Text(extension.getExtnId().getId()), "id", false),
                        new Struct.Field("Critical", Bool.of(critical), "critical", false),
                        new Struct.Field(
                                "Value", octets(extension.getExtnValue().getOctets()), "value", false)));
    }

    static Sequence octets(byte[] bytes) {
        List<Value> items = new ArrayList<>(bytes.length);
        for (byte each : bytes) {
            items.add(new Int(Type.UINT8, each & 0xFF));
        }
        return new Sequence(Type.OCTETS, items, false);
    }

    private static byte[] encoded(X500Name name) {
        try {
            return name.getEncoded();
        } catch (IOException e) {
            throw new IllegalStateException("what was parsed always encodes", e);
        }
    }
}
