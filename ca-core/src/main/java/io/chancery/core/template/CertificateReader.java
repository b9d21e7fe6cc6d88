package io.chancery.core.template;

import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.name.SubjectName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a template gives (wire contract s. 7.4); IllegalArgumentException names the member that is wrong, and CaException
 * FORBIDDEN one that no template may give. One thread, one use.
 */
final class CertificateReader {
    private final Members certificate;
    private final SubjectDefaults defaults;

    /** @param defaults what the subject has where the template does not say, unless it is a rawSubject */
    CertificateReader(Map<String, @Nullable Object> members, SubjectDefaults defaults) {
        this.certificate = new Members("", members);
        this.defaults = defaults;
    }

    TemplatedCertificate read() {
        // One serial has one content here, and it is not the template's.
        if (certificate.raw("serialNumber") != null) {
            throw CaException.of(
                    ErrorCode.FORBIDDEN,
                    "error applying certificate template: serialNumber is not the template's to choose");
        }
        X500Name subject = certificate
                .octets("rawSubject")
                .map(CertificateReader::rawName)
                .orElseGet(() -> NameReader.read(certificate, "subject", defaults));
        List<Extension> extra = extra();
        Set<ASN1ObjectIdentifier> given = new HashSet<>();
        extra.forEach(each -> given.add(each.getExtnId()));
        AltNameReader names = new AltNameReader(certificate);
        boolean empty = subject.getRDNs().length == 0;
        List<Extension> after = new ArrayList<>();
        List<Extension> first = new ArrayList<>();
        names.value()
                .filter(value -> !given.contains(Extension.subjectAlternativeName))
                .ifPresent(value ->
                        // Names of special kinds come where step puts extensions of the template: at the end.
                        (names.special() ? first : after)
                                .add(extension(
                                        Extension.subjectAlternativeName,
                                        names.special() ? givesNoSubject() : empty,
                                        value)));
        List<Extension> built = new ArrayList<>(new ExtensionReader(certificate).behindIdentifiers(after));
        built.removeIf(each -> given.contains(each.getExtnId()));
        built.addAll(first);
        built.addAll(extra);
        List<Extension> before = new ArrayList<>(new ExtensionReader(certificate).beforeIdentifiers());
        before.removeIf(each -> given.contains(each.getExtnId()));
        boolean named = built.stream().anyMatch(each -> each.getExtnId().equals(Extension.subjectAlternativeName));
        if (empty && !named) {
            throw new IllegalArgumentException("neither a subject nor subject alternative names: it would name nobody");
        }
        TemplatedCertificate made = new TemplatedCertificate(
                subject,
                SubjectName.commonName(subject),
                named(names, extra),
                certificate.time("notBefore"),
                certificate.time("notAfter"),
                certificate.octets("subjectKeyId"),
                scheme(),
                before,
                built,
                certificate.all());
        // Members that make nothing, such as a version, must be of their type, too: step reads all of them, and so do
        // webhooks.
        Map<String, @Nullable Object> unused = CertificateText.of(made);
        return made;
    }

    // step makes the extension with special names before it fills the subject.
    private boolean givesNoSubject() {
        return NameReader.read(certificate, "subject", SubjectDefaults.NONE).getRDNs().length == 0;
    }

    private Optional<SignatureScheme> scheme() {
        String name = certificate.text("signatureAlgorithm");
        Optional<SignatureScheme> scheme = SignatureScheme.named(name);
        if (scheme.isEmpty() && !name.isEmpty()) {
            throw certificate.wrong("signatureAlgorithm", "none of " + SignatureScheme.names());
        }
        return scheme;
    }

    private static X500Name rawName(Der der) {
        try {
            return X500Name.getInstance(ASN1Primitive.fromByteArray(der.bytes()));
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException("rawSubject: not the DER of a name", e);
        }
    }

    private List<Extension> extra() {
        List<Extension> extra = new ArrayList<>();
        Set<ASN1ObjectIdentifier> seen = new HashSet<>();
        for (Members each : certificate.objects("extensions")) {
            if (each.text("id").isEmpty()) {
                continue; // as step does it
            }
            ASN1ObjectIdentifier oid = Asn1Text.oid(each.text("id"));
            byte[] value = each.octets("value").map(Der::bytes).orElseThrow(() -> each.wrong("value", "empty"));
            checkDer(value, each);
            if (!seen.add(oid)) {
                throw each.wrong("id", oid + " stands twice");
            }
            extra.add(new Extension(oid, each.flag("critical"), value));
        }
        return extra;
    }

    private static void checkDer(byte[] value, Members extension) {
        try {
            ASN1Primitive parsed = ASN1Primitive.fromByteArray(value);
            if (parsed != null && java.util.Arrays.equals(value, parsed.getEncoded(ASN1Encoding.DER))) {
                return;
            }
        } catch (IOException | RuntimeException e) {
            // said below
        }
        throw extension.wrong("value", "not the Base64 of one DER value");
    }

    static Extension extension(ASN1ObjectIdentifier oid, boolean critical, ASN1Encodable value) {
        try {
            return new Extension(oid, critical, value.toASN1Primitive().getEncoded(ASN1Encoding.DER));
        } catch (IOException e) {
            throw new IllegalStateException("what was made always encodes", e);
        }
    }

    // Name constraints hold for names in an extension that the template wrote itself, too.
    private static List<SubjectAltName> named(AltNameReader names, List<Extension> extra) {
        for (Extension each : extra) {
            if (each.getExtnId().equals(Extension.subjectAlternativeName)) {
                List<SubjectAltName> found = new ArrayList<>();
                try {
                    for (GeneralName name :
                            GeneralNames.getInstance(each.getParsedValue()).getNames()) {
                        Optional<SubjectAltName> known = SubjectAltName.ofGeneralName(name);
                        known.ifPresent(found::add);
                    }
                } catch (RuntimeException e) {
                    throw new IllegalArgumentException("extensions: subject alternative names that cannot be read", e);
                }
                return found;
            }
        }
        return names.common();
    }
}
