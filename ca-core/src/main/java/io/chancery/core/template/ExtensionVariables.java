package io.chancery.core.template;

import static io.chancery.core.template.CertificateVariable.field;

import io.chancery.gotemplate.value.Bool;
import io.chancery.gotemplate.value.Boxed;
import io.chancery.gotemplate.value.Int;
import io.chancery.gotemplate.value.Opaque;
import io.chancery.gotemplate.value.Sequence;
import io.chancery.gotemplate.value.Struct;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.Type;
import io.chancery.gotemplate.value.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.jspecify.annotations.Nullable;

/** What Go's {@code x509.Certificate} has of a certificate's extensions. What cannot be read is passed over. Pure. */
final class ExtensionVariables {
    private static final Type USAGE = new Type(Type.Kind.INT, "x509.KeyUsage", null);
    private static final Type PURPOSE = new Type(Type.Kind.INT, "x509.ExtKeyUsage", null);
    private static final Type OID = new Type(Type.Kind.SLICE, "asn1.ObjectIdentifier", Type.INT);
    /** Numbers here, names in JSON. */
    private static final Type REQUEST_USAGE = new Type(Type.Kind.INT, "x509util.KeyUsage", null).writtenAs(value -> {
        List<String> names = ExtensionReader.usageNames(((Int) value).value());
        return names.isEmpty() ? Sequence.nil(Type.STRINGS) : Sequence.strings(names);
    });

    private static final Type REQUEST_PURPOSES = new Type(Type.Kind.SLICE, "x509util.ExtKeyUsage", PURPOSE)
            .writtenAs(value -> Sequence.strings(((Sequence) value)
                    .items().stream()
                            .map(each -> ExtensionReader.purposeName(((Int) each).value()))
                            .toList()));
    private static final Type REQUEST_OTHERS = new Type(Type.Kind.SLICE, "x509util.UnknownExtKeyUsage", OID);
    private static final Type REQUEST_CONSTRAINTS = Type.pointer("x509util.BasicConstraints");
    private static final Type EXTENSION = Type.struct("pkix.Extension");
    /** In the order of Go's bits, the lowest first. */
    private static final List<Integer> USAGES = List.of(
            KeyUsage.digitalSignature,
            KeyUsage.nonRepudiation,
            KeyUsage.keyEncipherment,
            KeyUsage.dataEncipherment,
            KeyUsage.keyAgreement,
            KeyUsage.keyCertSign,
            KeyUsage.cRLSign,
            KeyUsage.encipherOnly,
            KeyUsage.decipherOnly);

    private final Optional<Extensions> extensions;

    private ExtensionVariables(@Nullable Extensions extensions) {
        this.extensions = Optional.ofNullable(extensions);
    }

    static List<Struct.Field> of(@Nullable Extensions extensions) {
        return new ExtensionVariables(extensions).fields();
    }

    /** What step's {@code x509util.CertificateRequest} has of the extensions that a request asks for. */
    static List<Struct.Field> ofRequest(@Nullable Extensions extensions) {
        ExtensionVariables all = new ExtensionVariables(extensions);
        List<KeyPurposeId> purposes = all.purposes();
        Optional<BasicConstraints> basic = all.value(Extension.basicConstraints, ExtensionVariables::constraints);
        return List.of(
                new Struct.Field("KeyUsage", new Int(REQUEST_USAGE, all.usage()), "keyUsage", false),
                new Struct.Field("ExtKeyUsage", list(REQUEST_PURPOSES, known(purposes)), "extKeyUsage", false),
                new Struct.Field(
                        "UnknownExtKeyUsage", list(REQUEST_OTHERS, unknown(purposes)), "unknownExtKeyUsage", false),
                new Struct.Field(
                        "BasicConstraints",
                        basic.<Value>map(ExtensionVariables::requested).orElse(Boxed.NIL),
                        "basicConstraints",
                        false));
    }

    private static Struct requested(BasicConstraints basic) {
        return new Struct(
                REQUEST_CONSTRAINTS,
                List.of(
                        new Struct.Field("IsCA", Bool.of(basic.isCA()), "isCA", false),
                        new Struct.Field("MaxPathLen", Int.of(pathLength(basic)), "maxPathLen", false)));
    }

    private List<KeyPurposeId> purposes() {
        return value(Extension.extendedKeyUsage, ExtendedKeyUsage::getInstance)
                .map(usage -> List.of(usage.getUsages()))
                .orElse(List.of());
    }

    private static Stream<Int> known(List<KeyPurposeId> purposes) {
        return purposes.stream()
                .flatMapToInt(each -> ExtensionReader.purposeNumber(each).stream())
                .mapToObj(number -> new Int(PURPOSE, number));
    }

    private static Stream<Opaque> unknown(List<KeyPurposeId> purposes) {
        return ExtensionReader.unknownPurposes(purposes).stream().map(id -> new Opaque(OID, id));
    }

    private List<Struct.Field> fields() {
        List<KeyPurposeId> purposes = purposes();
        Optional<BasicConstraints> basic = value(Extension.basicConstraints, ExtensionVariables::constraints);
        int pathLength = basic.map(ExtensionVariables::pathLength).orElse(0);
        return List.of(
                field("KeyUsage", new Int(USAGE, usage())),
                field("Extensions", all()),
                field("ExtKeyUsage", sequence(PURPOSE, known(purposes))),
                field("UnknownExtKeyUsage", sequence(OID, unknown(purposes))),
                field("BasicConstraintsValid", Bool.of(basic.isPresent())),
                field("IsCA", Bool.of(basic.filter(BasicConstraints::isCA).isPresent())),
                field("MaxPathLen", Int.of(pathLength)),
                field("MaxPathLenZero", Bool.of(basic.isPresent() && pathLength == 0)),
                octets(
                        "SubjectKeyId",
                        value(Extension.subjectKeyIdentifier, SubjectKeyIdentifier::getInstance)
                                .map(SubjectKeyIdentifier::getKeyIdentifier)),
                octets(
                        "AuthorityKeyId",
                        value(Extension.authorityKeyIdentifier, AuthorityKeyIdentifier::getInstance)
                                .flatMap(id -> Optional.ofNullable(id.getKeyIdentifierOctets()))),
                texts("OCSPServer", access(AccessDescription.id_ad_ocsp)),
                texts("IssuingCertificateURL", access(AccessDescription.id_ad_caIssuers)),
                texts(
                        "CRLDistributionPoints",
                        value(Extension.cRLDistributionPoints, ExtensionVariables::lists).stream()
                                .flatMap(List::stream)));
    }

    /** @param reader to its end: what is read later is not caught here */
    private <T> Optional<T> value(ASN1ObjectIdentifier oid, Function<ASN1Encodable, T> reader) {
        try {
            return extensions
                    .flatMap(all -> Optional.ofNullable(all.getExtension(oid)))
                    .map(Extension::getParsedValue)
                    .map(reader);
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }

    private int usage() {
        Optional<KeyUsage> usage = value(Extension.keyUsage, KeyUsage::getInstance);
        int bits = 0;
        for (int i = 0; i < USAGES.size(); i++) {
            int wanted = USAGES.get(i);
            bits |= usage.filter(all -> all.hasUsages(wanted)).isPresent() ? 1 << i : 0;
        }
        return bits;
    }

    private static BasicConstraints constraints(ASN1Encodable value) {
        BasicConstraints basic = BasicConstraints.getInstance(value);
        int unused = pathLength(basic); // a length that is no int is none of Go's
        return basic;
    }

    /** -1 where there is none, as Go has it. */
    private static int pathLength(BasicConstraints basic) {
        return basic.getPathLenConstraintInteger() == null
                ? -1
                : basic.getPathLenConstraintInteger().intValueExact();
    }

    private Sequence all() {
        return sequence(
                EXTENSION,
                extensions.stream()
                        .flatMap(all -> Stream.of(all.getExtensionOIDs()).map(all::getExtension))
                        .map(each -> new Struct(
                                EXTENSION,
                                List.of(
                                        field(
                                                "Id",
                                                new Opaque(OID, each.getExtnId().getId())),
                                        field("Critical", Bool.of(each.isCritical())),
                                        field(
                                                "Value",
                                                TemplateVariables.octets(
                                                        each.getExtnValue().getOctets()))))));
    }

    private Stream<GeneralName> access(ASN1ObjectIdentifier method) {
        return value(Extension.authorityInfoAccess, AuthorityInformationAccess::getInstance).stream()
                .flatMap(access -> Stream.of(access.getAccessDescriptions()))
                .filter(each -> each.getAccessMethod().equals(method))
                .map(AccessDescription::getAccessLocation);
    }

    private static List<GeneralName> lists(ASN1Encodable value) {
        List<GeneralName> names = new ArrayList<>();
        for (DistributionPoint each : CRLDistPoint.getInstance(value).getDistributionPoints()) {
            DistributionPointName name = each.getDistributionPoint();
            if (name != null && name.getType() == DistributionPointName.FULL_NAME) {
                names.addAll(List.of(GeneralNames.getInstance(name.getName()).getNames()));
            }
        }
        return names;
    }

    private static Struct.Field texts(String name, Stream<GeneralName> locations) {
        return field(
                name,
                sequence(
                        Type.STRING,
                        locations
                                .filter(each -> each.getTagNo() == GeneralName.uniformResourceIdentifier)
                                .map(each -> new Text(String.valueOf(each.getName())))));
    }

    private static Struct.Field octets(String name, Optional<byte[]> octets) {
        return field(name, octets.map(TemplateVariables::octets).orElseGet(() -> Sequence.nil(Type.OCTETS)));
    }

    private static Sequence sequence(Type type, Stream<? extends Value> items) {
        return list(Type.slice(type), items);
    }

    private static Sequence list(Type type, Stream<? extends Value> items) {
        List<Value> found = items.<Value>map(each -> each).toList();
        return found.isEmpty() ? Sequence.nil(type) : new Sequence(type, found, false);
    }
}
