package io.chancery.core.name;

import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/**
 * All that a certificate says of whom it is for.
 *
 * @param subject empty when it has none
 * @param common alternative names of the four common kinds
 * @param others alternative names of other kinds
 */
public record CertificateNames(X500Name subject, List<SubjectAltName> common, List<GeneralName> others) {
    public CertificateNames {
        common = List.copyOf(common);
        others = List.copyOf(others);
    }

    /**
     * Of a certificate that is to be made, or is made again.
     *
     * @param common alternative names of the four common kinds, as they were read already
     * @param extensions among which those of other kinds are; the extension is of its form
     */
    public static CertificateNames of(X500Name subject, List<SubjectAltName> common, List<Extension> extensions) {
        List<GeneralName> others = new ArrayList<>();
        for (Extension each : extensions) {
            if (each.getExtnId().equals(Extension.subjectAlternativeName)) {
                for (GeneralName name :
                        GeneralNames.getInstance(each.getParsedValue()).getNames()) {
                    if (SubjectAltName.ofGeneralName(name).isEmpty()) {
                        others.add(name);
                    }
                }
            }
        }
        return new CertificateNames(subject, common, others);
    }

    /** The subject, unless it is empty, and alternative names of that kind. */
    List<X500Name> directoryNames() {
        List<X500Name> names = new ArrayList<>();
        if (subject.getRDNs().length > 0) {
            names.add(subject);
        }
        others.stream()
                .filter(each -> each.getTagNo() == GeneralName.directoryName)
                .forEach(each -> names.add(X500Name.getInstance(each.getName())));
        return names;
    }

    /** Those of the common kinds, and mailboxes of the subject, which count among them (RFC 5280 s. 4.2.1.10). */
    List<SubjectAltName> comparable() {
        List<SubjectAltName> names = new ArrayList<>(common);
        for (RDN part : subject.getRDNs()) {
            for (AttributeTypeAndValue each : part.getTypesAndValues()) {
                if (each.getType().equals(PKCSObjectIdentifiers.pkcs_9_at_emailAddress)) {
                    String text = each.getValue() instanceof ASN1String value ? value.getString() : "";
                    names.add(new SubjectAltName(SubjectAltName.Kind.EMAIL, text));
                }
            }
        }
        return names;
    }
}
