package io.chancery.core.certificate;

import io.chancery.core.der.Der;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.name.SubjectName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/**
 * A certificate that another CA has issued, as far as a store shows it. Its signature is not looked at.
 *
 * @param tbs DER of what was signed
 * @param subject the subject's common name, or empty
 * @param names subject alternative names of the kinds that we know, as text, in the certificate's order
 * @param provisioner as step's extension names it
 */
public record ForeignCertificate(
        SerialNumber serial,
        Der tbs,
        String subject,
        List<String> names,
        Instant notBefore,
        Instant notAfter,
        Optional<String> provisioner) {
    public ForeignCertificate {
        names = List.copyOf(names);
    }

    /** IllegalArgumentException when the bytes are no X.509 certificate that could be kept. */
    public static ForeignCertificate parse(byte[] der) {
        try {
            return of(Certificate.getInstance(der));
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException("no X.509 certificate: " + e.getMessage(), e);
        }
    }

    /** Of one that is parsed; IOException, or what else the parser throws, when it cannot be kept. */
    static ForeignCertificate of(Certificate certificate) throws IOException {
        Extensions extensions = certificate.getTBSCertificate().getExtensions();
        return new ForeignCertificate(
                new SerialNumber(certificate.getSerialNumber().getValue()),
                Der.of(certificate.getTBSCertificate().getEncoded(ASN1Encoding.DER)),
                printable(SubjectName.commonName(certificate.getSubject())),
                names(extensions),
                certificate.getStartDate().getDate().toInstant(),
                certificate.getEndDate().getDate().toInstant(),
                provisioner(extensions));
    }

    private static List<String> names(Extensions extensions) {
        List<String> texts = new ArrayList<>();
        if (extensions != null && extensions.getExtension(Extension.subjectAlternativeName) != null) {
            GeneralNames all = GeneralNames.fromExtensions(extensions, Extension.subjectAlternativeName);
            for (GeneralName name : all.getNames()) {
                text(name).filter(Predicate.not(String::isEmpty)).ifPresent(texts::add);
            }
        }
        return texts;
    }

    private static Optional<String> text(GeneralName name) {
        try {
            return SubjectAltName.ofGeneralName(name).map(known -> printable(known.text()));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // not what it says it is: nobody will search for it
        }
    }

    private static Optional<String> provisioner(Extensions extensions) {
        if (extensions == null || extensions.getExtension(StepProvisionerExtension.OID) == null) {
            return Optional.empty();
        }
        ASN1Sequence members =
                ASN1Sequence.getInstance(extensions.getExtensionParsedValue(StepProvisionerExtension.OID));
        byte[] name = ASN1OctetString.getInstance(members.getObjectAt(1)).getOctets();
        return Optional.of(printable(new String(name, StandardCharsets.UTF_8)));
    }

    /** One line, without characters that a database cannot hold. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", " ");
    }
}
