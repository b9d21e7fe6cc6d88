package io.chancery.core.name;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import java.security.cert.X509Certificate;
import java.util.List;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraintValidatorException;
import org.bouncycastle.asn1.x509.PKIXNameConstraintValidator;

/**
 * The name constraints of all CA certificates above a leaf (RFC 5280 s. 4.2.1.10), held against its names before it is
 * made. Immutable.
 */
public final class NameConstraints {
    private final List<org.bouncycastle.asn1.x509.NameConstraints> all;

    private NameConstraints(List<org.bouncycastle.asn1.x509.NameConstraints> all) {
        this.all = all;
    }

    /** Of a chain in any order; IllegalArgumentException when a certificate cannot be read. */
    public static NameConstraints of(List<X509Certificate> chain) {
        return new NameConstraints(chain.stream().flatMap(c -> read(c).stream()).toList());
    }

    private static List<org.bouncycastle.asn1.x509.NameConstraints> read(X509Certificate certificate) {
        byte[] value = certificate.getExtensionValue(Extension.nameConstraints.getId());
        return value == null
                ? List.of()
                : List.of(org.bouncycastle.asn1.x509.NameConstraints.getInstance(
                        ASN1OctetString.getInstance(value).getOctets()));
    }

    /** CaException FORBIDDEN naming the first name that a CA above may not vouch for. */
    public void check(List<SubjectAltName> names) {
        if (all.isEmpty()) {
            return;
        }
        PKIXNameConstraintValidator validator = new PKIXNameConstraintValidator();
        for (org.bouncycastle.asn1.x509.NameConstraints constraints : all) {
            if (constraints.getPermittedSubtrees() != null) {
                validator.intersectPermittedSubtree(constraints.getPermittedSubtrees());
            }
            if (constraints.getExcludedSubtrees() != null) {
                for (GeneralSubtree excluded : constraints.getExcludedSubtrees()) {
                    validator.addExcludedSubtree(excluded);
                }
            }
        }
        for (SubjectAltName name : names) {
            GeneralName general = name.generalName();
            try {
                validator.checkPermitted(general);
                validator.checkExcluded(general);
            } catch (NameConstraintValidatorException | RuntimeException e) {
                throw CaException.of(
                        ErrorCode.FORBIDDEN,
                        "the name \"" + name.text() + "\" is outside the name constraints of this CA");
            }
        }
    }
}
