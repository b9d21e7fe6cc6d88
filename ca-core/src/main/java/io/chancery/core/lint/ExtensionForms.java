package io.chancery.core.lint;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.CertificatePolicies;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.PolicyConstraints;
import org.bouncycastle.asn1.x509.PolicyMappings;
import org.bouncycastle.asn1.x509.SubjectDirectoryAttributes;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;

/** How each extension that RFC 5280 knows is written; others are DER and no more is said of them. */
final class ExtensionForms {
    /** Reads a value; a RuntimeException says that it is none. */
    private record Form(String name, Consumer<ASN1Primitive> read) {}

    private static final Map<ASN1ObjectIdentifier, Form> FORMS = Map.ofEntries(
            form(Extension.keyUsage, "keyUsage", ExtensionForms::usage),
            form(Extension.extendedKeyUsage, "extKeyUsage", ExtensionForms::purposes),
            form(Extension.basicConstraints, "basicConstraints", ExtensionForms::constraints),
            form(
                    Extension.subjectKeyIdentifier,
                    "subjectKeyIdentifier",
                    value -> require(SubjectKeyIdentifier.getInstance(value).getKeyIdentifier().length > 0)),
            form(
                    Extension.authorityKeyIdentifier,
                    "authorityKeyIdentifier",
                    value -> require(AuthorityKeyIdentifier.getInstance(value) != null)),
            form(Extension.subjectAlternativeName, "subjectAltName", ExtensionForms::names),
            form(Extension.issuerAlternativeName, "issuerAltName", ExtensionForms::names),
            form(Extension.nameConstraints, "nameConstraints", ExtensionForms::nameConstraints),
            form(Extension.cRLDistributionPoints, "cRLDistributionPoints", ExtensionForms::points),
            form(Extension.freshestCRL, "freshestCRL", ExtensionForms::points),
            form(
                    Extension.certificatePolicies,
                    "certificatePolicies",
                    value -> require(CertificatePolicies.getInstance(value).getPolicyInformation().length > 0)),
            form(Extension.policyMappings, "policyMappings", value -> {
                filled(value);
                require(PolicyMappings.getInstance(value) != null);
            }),
            form(Extension.policyConstraints, "policyConstraints", value -> {
                filled(value);
                require(PolicyConstraints.getInstance(value) != null);
            }),
            form(
                    Extension.inhibitAnyPolicy,
                    "inhibitAnyPolicy",
                    value -> require(ASN1Integer.getInstance(value).getValue().signum() >= 0)),
            form(Extension.authorityInfoAccess, "authorityInfoAccess", ExtensionForms::access),
            form(Extension.subjectInfoAccess, "subjectInfoAccess", ExtensionForms::access),
            form(Extension.subjectDirectoryAttributes, "subjectDirectoryAttributes", value -> {
                filled(value);
                require(SubjectDirectoryAttributes.getInstance(value) != null);
            }));

    private ExtensionForms() {}

    private static Map.Entry<ASN1ObjectIdentifier, Form> form(
            ASN1ObjectIdentifier oid, String name, Consumer<ASN1Primitive> read) {
        return Map.entry(oid, new Form(name, read));
    }

    /** The extension's name in RFC 5280, or its OID. */
    static String name(ASN1ObjectIdentifier oid) {
        Form form = FORMS.get(oid);
        return form == null ? oid.getId() : form.name();
    }

    /** What is wrong with its value. */
    static Optional<String> problem(Extension extension) {
        String name = name(extension.getExtnId());
        byte[] value = extension.getExtnValue().getOctets();
        try {
            ASN1Primitive parsed = ASN1Primitive.fromByteArray(value);
            if (!Arrays.equals(value, parsed.getEncoded(ASN1Encoding.DER))) {
                return Optional.of(name + ": not DER");
            }
            Form form = FORMS.get(extension.getExtnId());
            if (form != null) {
                form.read().accept(parsed);
            }
            return Optional.empty();
        } catch (IOException | RuntimeException e) {
            return Optional.of(name + ": not of its form");
        }
    }

    private static void require(boolean holds) {
        if (!holds) {
            throw new IllegalArgumentException("not of its form");
        }
    }

    private static void filled(ASN1Primitive value) {
        require(ASN1Sequence.getInstance(value).size() > 0);
    }

    /** X.690 s. 11.2.2: a list of named bits ends with the last one that is set. */
    private static void usage(ASN1Primitive value) {
        ASN1BitString bits = ASN1BitString.getInstance(value);
        byte[] octets = bits.getBytes();
        require(octets.length <= 2);
        require(octets.length == 0 || (octets[octets.length - 1] >> bits.getPadBits() & 1) == 1);
    }

    private static void purposes(ASN1Primitive value) {
        KeyPurposeId[] all = ExtendedKeyUsage.getInstance(value).getUsages();
        require(all.length > 0);
    }

    /** X.690 s. 11.5: what has its default value is left out. */
    private static void constraints(ASN1Primitive value) {
        BasicConstraints read = BasicConstraints.getInstance(value);
        ASN1Sequence members = ASN1Sequence.getInstance(value);
        require(read.isCA() || members.size() == 0 || members.getObjectAt(0) instanceof ASN1Integer);
    }

    private static void names(ASN1Primitive value) {
        require(GeneralNames.getInstance(value).getNames().length > 0);
    }

    private static void nameConstraints(ASN1Primitive value) {
        filled(value);
        for (var each : ASN1Sequence.getInstance(value)) {
            require(ASN1Sequence.getInstance((ASN1TaggedObject) each, false).size() > 0);
        }
        require(NameConstraints.getInstance(value) != null);
    }

    private static void points(ASN1Primitive value) {
        require(CRLDistPoint.getInstance(value).getDistributionPoints().length > 0);
    }

    private static void access(ASN1Primitive value) {
        filled(value);
        for (var each : ASN1Sequence.getInstance(value)) {
            require(AccessDescription.getInstance(each).getAccessLocation() != null);
        }
    }
}
