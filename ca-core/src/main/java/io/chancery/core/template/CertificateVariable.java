package io.chancery.core.template;

import io.chancery.core.der.Der;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.name.SubjectAltName.Kind;
import io.chancery.gotemplate.value.Int;
import io.chancery.gotemplate.value.Opaque;
import io.chancery.gotemplate.value.Sequence;
import io.chancery.gotemplate.value.Struct;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.TimeValue;
import io.chancery.gotemplate.value.Type;
import io.chancery.gotemplate.value.Value;
import java.io.IOException;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Object;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;

/**
 * A certificate that was verified, as templates see it: the fields of Go's {@code x509.Certificate} that say whose it is and
 * how long it is good. Serial number, addresses and URIs print as Go prints them, and are texts in JSON.
 */
final class CertificateVariable {
    private static final Type TYPE = Type.pointer("x509.Certificate");
    static final Type ADDRESS = new Type(Type.Kind.SLICE, "net.IP", Type.UINT8);
    static final Type URL = Type.pointer("url.URL");

    private CertificateVariable() {}

    static Struct of(Der der) {
        Certificate certificate = Certificate.getInstance(der.bytes());
        TBSCertificate tbs = certificate.getTBSCertificate();
        List<SubjectAltName> names = names(tbs.getExtensions());
        List<Struct.Field> fields = new ArrayList<>(List.of(
                field("Raw", TemplateVariables.octets(der.bytes())),
                field("RawTBSCertificate", TemplateVariables.octets(encoded(tbs))),
                field("RawSubjectPublicKeyInfo", TemplateVariables.octets(encoded(tbs.getSubjectPublicKeyInfo()))),
                field("RawSubject", TemplateVariables.octets(encoded(certificate.getSubject()))),
                field("RawIssuer", TemplateVariables.octets(encoded(certificate.getIssuer()))),
                new Struct.Field("PublicKey", KeyVariable.of(tbs.getSubjectPublicKeyInfo()), "", false),
                field("Version", Int.of(certificate.getVersionNumber())),
                field(
                        "SerialNumber",
                        new Opaque(
                                KeyVariable.NUMBER,
                                certificate.getSerialNumber().getValue())),
                field("Issuer", TemplateVariables.name("pkix.Name", certificate.getIssuer())),
                field("Subject", TemplateVariables.name("pkix.Name", certificate.getSubject())),
                field("NotBefore", time(certificate.getStartDate())),
                field("NotAfter", time(certificate.getEndDate())),
                texts("DNSNames", Type.STRING, names, Kind.DNS, Text::new),
                texts("EmailAddresses", Type.STRING, names, Kind.EMAIL, Text::new),
                texts("IPAddresses", ADDRESS, names, Kind.IP, text -> new Opaque(ADDRESS, text)),
                texts("URIs", URL, names, Kind.URI, text -> new Opaque(URL, text))));
        fields.addAll(ExtensionVariables.of(tbs.getExtensions()));
        return new Struct(TYPE, fields);
    }

    static Struct.Field field(String name, Value value) {
        return new Struct.Field(name, value, name, false);
    }

    private static Struct.Field texts(
            String field, Type type, List<SubjectAltName> names, Kind kind, Function<String, Value> each) {
        List<Value> found = names.stream()
                .filter(name -> name.kind() == kind)
                .map(SubjectAltName::text)
                .map(each)
                .toList();
        return field(
                field, found.isEmpty() ? Sequence.nil(Type.slice(type)) : new Sequence(Type.slice(type), found, false));
    }

    private static TimeValue time(Time time) {
        return new TimeValue(time.getDate().toInstant().atZone(ZoneOffset.UTC));
    }

    private static List<SubjectAltName> names(Extensions extensions) {
        List<SubjectAltName> names = new ArrayList<>();
        if (extensions != null && extensions.getExtension(Extension.subjectAlternativeName) != null) {
            for (GeneralName each : GeneralNames.fromExtensions(extensions, Extension.subjectAlternativeName)
                    .getNames()) {
                SubjectAltName.ofGeneralName(each).ifPresent(names::add);
            }
        }
        return names;
    }

    private static byte[] encoded(ASN1Object value) {
        try {
            return value.getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new IllegalStateException("what was parsed always encodes", e);
        }
    }
}
