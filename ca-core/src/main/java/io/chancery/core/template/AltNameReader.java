package io.chancery.core.template;

import io.chancery.core.json.GoBase64;
import io.chancery.core.json.Json;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.name.SubjectAltName.Kind;
import io.chancery.core.policy.Idna;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.jspecify.annotations.Nullable;

/** Subject alternative names of every kind that step's JSON knows. One thread, one use. */
final class AltNameReader {
    private static final Set<String> COMMON = Set.of("dns", "email", "ip", "uri", "auto", "");
    private static final ASN1ObjectIdentifier PRINCIPAL = new ASN1ObjectIdentifier("1.3.6.1.4.1.311.20.2.3");
    private static final ASN1ObjectIdentifier PERMANENT = new ASN1ObjectIdentifier("1.3.6.1.5.5.7.8.3");
    private static final ASN1ObjectIdentifier HARDWARE = new ASN1ObjectIdentifier("1.3.6.1.5.5.7.8.4");

    private final List<SubjectAltName> listed = new ArrayList<>();
    private final List<SubjectAltName> common = new ArrayList<>();
    private final List<GeneralName> all = new ArrayList<>();
    private final boolean special;

    /** IllegalArgumentException for what is no name. */
    AltNameReader(Members certificate) {
        certificate.texts("dnsNames").forEach(text -> listed.add(new SubjectAltName(Kind.DNS, text)));
        certificate.texts("emailAddresses").forEach(text -> listed.add(new SubjectAltName(Kind.EMAIL, text)));
        certificate.texts("ipAddresses").forEach(text -> listed.add(address(text)));
        certificate.texts("uris").forEach(text -> listed.add(uri(text)));
        List<Members> sans = certificate.objects("sans");
        // By their types alone, as step does it: one without a value counts.
        special = sans.stream().anyMatch(each -> !COMMON.contains(each.text("type")));
        listed.forEach(this::add);
        sans.forEach(this::add);
        common.sort(Comparator.comparing(SubjectAltName::kind)); // stable, as Go writes them
    }

    /** Those of the four common kinds, in certificate order. */
    List<SubjectAltName> common() {
        return common;
    }

    /** Whether there is a name of another kind: then all stand in the order of the template. */
    boolean special() {
        return special;
    }

    /** The value of the extension; empty without names. */
    Optional<GeneralNames> value() {
        List<GeneralName> names =
                special ? all : common.stream().map(SubjectAltName::generalName).toList();
        return names.isEmpty() ? Optional.empty() : Optional.of(new GeneralNames(names.toArray(GeneralName[]::new)));
    }

    private void add(Members san) {
        String type = san.text("type");
        String value = san.text("value");
        @Nullable Object asn1 = san.raw("asn1Value");
        if (value.isEmpty() && asn1 == null) {
            return;
        }
        if (COMMON.contains(type)) {
            add(named(type, value));
        } else {
            all.add(other(type, value, san));
        }
    }

    // Beside names of another kind step writes domain names as DNS has them; else it leaves them as they are.
    private void add(SubjectAltName given) {
        SubjectAltName name =
                special && given.kind() == Kind.DNS ? new SubjectAltName(Kind.DNS, Idna.ascii(given.text())) : given;
        common.add(name);
        all.add(name.generalName());
    }

    private static SubjectAltName named(String type, String value) {
        return switch (type) {
            case "dns" -> new SubjectAltName(Kind.DNS, value);
            case "email" -> new SubjectAltName(Kind.EMAIL, value);
            case "ip" -> address(value);
            case "uri" -> uri(value);
            default -> SubjectAltName.guess(value);
        };
    }

    private static SubjectAltName address(String text) {
        return guessed(Kind.IP, text, "ip " + text + " is not valid");
    }

    private static SubjectAltName uri(String text) {
        return guessed(Kind.URI, text, "uri " + text + " is none, or has no scheme");
    }

    private static SubjectAltName guessed(Kind kind, String text, String otherwise) {
        SubjectAltName name = SubjectAltName.guess(text);
        if (name.kind() != kind) {
            throw new IllegalArgumentException(otherwise);
        }
        return name;
    }

    private static GeneralName other(String type, String value, Members san) {
        return switch (type) {
            case "registeredID" -> new GeneralName(GeneralName.registeredID, Asn1Text.oid(value));
            case "dn" -> new GeneralName(GeneralName.directoryName, directoryName(value, san));
            case "permanentIdentifier" -> otherName(PERMANENT, permanentIdentifier(value, san));
            case "hardwareModuleName" -> otherName(HARDWARE, hardwareModule(value, san));
            case "userPrincipalName" -> otherName(PRINCIPAL, new DERUTF8String(required(value, san)));
            default -> {
                ASN1ObjectIdentifier oid = ASN1ObjectIdentifier.tryFromID(type);
                if (oid == null) {
                    throw new IllegalArgumentException("unsupported SAN type " + type);
                }
                // The tag comes with the value: what is raw brings its own, or none.
                yield tagged(oid, Asn1Text.encode(value, true));
            }
        };
    }

    private static String required(String value, Members san) {
        if (value.isEmpty()) {
            throw san.wrong("value", "empty");
        }
        return value;
    }

    private static GeneralName otherName(ASN1ObjectIdentifier oid, ASN1Encodable value) {
        return tagged(oid, new DERTaggedObject(true, 0, value));
    }

    private static GeneralName tagged(ASN1ObjectIdentifier oid, ASN1Encodable value) {
        return new GeneralName(GeneralName.otherName, new DERSequence(new ASN1Encodable[] {oid, value}));
    }

    private static ASN1Encodable directoryName(String value, Members san) {
        @Nullable Object given = san.raw("asn1Value") == null ? Json.parse(value) : san.raw("asn1Value");
        Map<String, @Nullable Object> holder = new java.util.HashMap<>();
        holder.put("asn1Value", given);
        var name = NameReader.read(new Members(san.place(), holder), "asn1Value", SubjectDefaults.NONE);
        if (name.getRDNs().length == 0) {
            throw san.wrong("asn1Value", "an empty name");
        }
        return name;
    }

    private static ASN1Encodable permanentIdentifier(String value, Members san) {
        Members given = san.object("asn1Value").orElseGet(() -> new Members(san.place(), Map.of("identifier", value)));
        ASN1EncodableVector members = new ASN1EncodableVector();
        if (!given.text("identifier").isEmpty()) {
            members.add(new DERUTF8String(given.text("identifier")));
        }
        if (!given.text("assigner").isEmpty()) {
            members.add(Asn1Text.oid(given.text("assigner")));
        }
        return new DERSequence(members);
    }

    @SuppressWarnings("unchecked") // JSON objects have string keys
    private static ASN1Encodable hardwareModule(String value, Members san) {
        Members given = san.object("asn1Value")
                .orElseGet(() -> Json.parse(value) instanceof Map<?, ?> map
                        ? new Members(san.place(), (Map<String, @Nullable Object>) map)
                        : new Members(san.place(), Map.of()));
        byte[] serial = GoBase64.decode(given.text("serialNumber"));
        return new DERSequence(new ASN1Encodable[] {
            Asn1Text.oid(given.text("type")), new DERTaggedObject(false, 4, new DEROctetString(serial))
        });
    }
}
