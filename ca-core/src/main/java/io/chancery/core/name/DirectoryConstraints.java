package io.chancery.core.name;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.jspecify.annotations.Nullable;

/**
 * What one CA says of names that are no host's, mailbox's or address's. Directory names are compared; what nobody compares,
 * such as names of {@code otherName}, must not be there when it is constrained. Immutable.
 */
final class DirectoryConstraints {
    private final List<X500Name> permitted;
    private final List<X500Name> excluded;
    private final List<GeneralName> unknown;

    /** IllegalArgumentException when they cannot be read. */
    DirectoryConstraints(NameConstraints read) {
        this.permitted = directories(read.getPermittedSubtrees());
        this.excluded = directories(read.getExcludedSubtrees());
        List<GeneralName> all = new ArrayList<>(bases(read.getPermittedSubtrees()));
        all.addAll(bases(read.getExcludedSubtrees()));
        this.unknown = all.stream().filter(DirectoryConstraints::isUnknown).toList();
    }

    private static List<GeneralName> bases(GeneralSubtree @Nullable [] subtrees) {
        return subtrees == null
                ? List.of()
                : Arrays.stream(subtrees).map(GeneralSubtree::getBase).toList();
    }

    private static List<X500Name> directories(GeneralSubtree @Nullable [] subtrees) {
        return bases(subtrees).stream()
                .filter(each -> each.getTagNo() == GeneralName.directoryName)
                .map(each -> X500Name.getInstance(each.getName()))
                .toList();
    }

    private static boolean isUnknown(GeneralName name) {
        return switch (name.getTagNo()) {
            case GeneralName.dNSName,
                    GeneralName.rfc822Name,
                    GeneralName.uniformResourceIdentifier,
                    GeneralName.iPAddress,
                    GeneralName.directoryName -> false;
            default -> true;
        };
    }

    /** The first name that the CA may not vouch for, as people know it. */
    Optional<String> refused(CertificateNames names) {
        return names.directoryNames().stream()
                .filter(name -> !allows(name))
                .map(X500Name::toString)
                .findFirst()
                .or(() -> names.others().stream()
                        .filter(name -> unknown.stream().anyMatch(each -> isOfKind(each, name)))
                        .map(DirectoryConstraints::text)
                        .findFirst());
    }

    private boolean allows(X500Name name) {
        return (permitted.isEmpty() || permitted.stream().anyMatch(each -> within(each, name)))
                && excluded.stream().noneMatch(each -> within(each, name));
    }

    /** RFC 5280 s. 7.1: whether the name begins with the relative names of the other one, compared as BouncyCastle does. */
    private static boolean within(X500Name subtree, X500Name name) {
        RDN[] first = subtree.getRDNs();
        RDN[] all = name.getRDNs();
        if (all.length < first.length) {
            return false;
        }
        for (int i = 0; i < first.length; i++) {
            if (!IETFUtils.rDNAreEqual(first[i], all[i])) {
                return false;
            }
        }
        return true;
    }

    /** The form of an {@code otherName} is its own, and so are constraints of it (RFC 5280 s. 4.2.1.10). */
    private static boolean isOfKind(GeneralName constraint, GeneralName name) {
        return constraint.getTagNo() == name.getTagNo()
                && (name.getTagNo() != GeneralName.otherName || type(constraint).equals(type(name)));
    }

    private static String type(GeneralName otherName) {
        ASN1Sequence parts = ASN1Sequence.getInstance(otherName.getName());
        return parts.size() == 0 ? "" : parts.getObjectAt(0).toString();
    }

    private static String text(GeneralName name) {
        return switch (name.getTagNo()) {
            case GeneralName.otherName -> "otherName " + type(name);
            case GeneralName.registeredID -> "registeredID " + name.getName();
            default -> "of kind " + name.getTagNo();
        };
    }
}
