package io.chancery.core.certificate;

import io.chancery.core.der.Der;
import io.chancery.core.der.DerShape;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.name.SubjectName;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/** A certificate that its holder shows, to have it renewed or revoked. Nothing here looks at its signature. */
public final class PresentedCertificate {
    /** As much as a certificate of ours can have. */
    private static final int MAX_OCTETS = LeafCertificate.MAX_TBS_OCTETS + 4 * 1024;

    private final Der der;
    private final Certificate certificate;
    private final ForeignCertificate facts;
    private final List<SubjectAltName> names;
    private final Optional<KeyUsage> keyUsage;
    private final Optional<ExtendedKeyUsage> purposes;
    private final boolean ca;

    private PresentedCertificate(Der der, Certificate certificate) throws IOException {
        this.der = der;
        this.certificate = certificate;
        this.facts = ForeignCertificate.of(certificate);
        this.names = names(certificate);
        this.keyUsage = extension(certificate, Extension.keyUsage).map(KeyUsage::getInstance);
        this.purposes = extension(certificate, Extension.extendedKeyUsage).map(ExtendedKeyUsage::getInstance);
        this.ca = extension(certificate, Extension.basicConstraints)
                        .map(BasicConstraints::getInstance)
                        .filter(BasicConstraints::isCA)
                        .isPresent()
                || extensions().stream().anyMatch(NetscapeType::saysCa);
    }

    /** CaException MALFORMED, its detail empty, when the bytes are no X.509 certificate. */
    public static PresentedCertificate parse(Der der) {
        try {
            if (der.length() > MAX_OCTETS) {
                throw new IllegalArgumentException("more than " + MAX_OCTETS + " octets");
            }
            byte[] bytes = der.bytes();
            DerShape.check(bytes); // before a parser that recurses
            return new PresentedCertificate(der, Certificate.getInstance(bytes));
        } catch (IOException | RuntimeException e) {
            throw CaException.hidden(ErrorCode.MALFORMED, "no certificate that can be read: " + e.getMessage());
        }
    }

    private static List<SubjectAltName> names(Certificate certificate) {
        List<SubjectAltName> names = new ArrayList<>();
        Optional<ASN1Encodable> extension = extension(certificate, Extension.subjectAlternativeName);
        if (extension.isPresent()) {
            for (GeneralName name : GeneralNames.getInstance(extension.get()).getNames()) {
                SubjectAltName.ofGeneralName(name).ifPresent(names::add);
            }
        }
        return List.copyOf(names);
    }

    /** Its value; IllegalArgumentException, or what else the parser throws, when that is no DER. */
    private static Optional<ASN1Encodable> extension(Certificate certificate, ASN1ObjectIdentifier oid) {
        Extensions extensions = certificate.getTBSCertificate().getExtensions();
        Extension extension = extensions == null ? null : extensions.getExtension(oid);
        if (extension == null) {
            return Optional.empty();
        }
        DerShape.check(extension.getExtnValue().getOctets());
        return Optional.of(extension.getParsedValue());
    }

    public Der der() {
        return der;
    }

    public SerialNumber serial() {
        return facts.serial();
    }

    /** The subject's last common name, or empty. */
    public String commonName() {
        return SubjectName.commonName(certificate.getSubject());
    }

    /** Of the kinds that we know, in the certificate's order. */
    public List<SubjectAltName> names() {
        return names;
    }

    /** Empty when it does not say. */
    public Optional<KeyUsage> keyUsage() {
        return keyUsage;
    }

    /** Empty when it names none, and so is for any. */
    public Optional<ExtendedKeyUsage> purposes() {
        return purposes;
    }

    /** All of them, in the certificate's order; those of the kinds above are of their form. */
    public List<Extension> extensions() {
        Extensions all = certificate.getTBSCertificate().getExtensions();
        return all == null
                ? List.of()
                : Stream.of(all.getExtensionOIDs()).map(all::getExtension).toList();
    }

    public Instant notBefore() {
        return facts.notBefore();
    }

    /** Inclusive. */
    public Instant notAfter() {
        return facts.notAfter();
    }

    /** Whether it may sign others, by its basic constraints or by what some believe where there are none. */
    public boolean isCa() {
        return ca;
    }

    /** The provisioner that step's extension names. */
    public Optional<String> provisioner() {
        return facts.provisioner();
    }

    public SubjectPublicKeyInfo keyInfo() {
        return certificate.getSubjectPublicKeyInfo();
    }

    /** As it was parsed. */
    public Certificate certificate() {
        return certificate;
    }

    /** What a store shows of it. */
    ForeignCertificate facts() {
        return facts;
    }
}
