package io.chancery.core.name;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;

/**
 * The name constraints of all CA certificates above a leaf (RFC 5280 s. 4.2.1.10), held against its names before it is
 * made. Immutable. Verifiers differ about a host in e-mail and URI constraints: it is that host alone in what is permitted,
 * as the RFC has it, and its subdomains too in what is excluded, as Go has it. A mailbox in the subject counts as an alternative
 * name also beside others, as OpenSSL has it. A common name is no DNS name here, whatever it looks like.
 */
public final class NameConstraints {
    private final List<Subtrees> all;

    private NameConstraints(List<Subtrees> all) {
        this.all = all;
    }

    /** What one CA permits and excludes; each CA by itself must allow a name. */
    private record Subtrees(List<Constraint> permitted, List<Constraint> excluded, DirectoryConstraints directory) {}

    /** One subtree of a kind that is checked: text, or an address and its mask. */
    private record Constraint(SubjectAltName.Kind kind, String text, List<Byte> range) {}

    /** Of a chain in any order; IllegalArgumentException when a certificate's constraints cannot be read. */
    public static NameConstraints of(List<X509Certificate> chain) {
        List<Subtrees> all = new ArrayList<>();
        for (X509Certificate certificate : chain) {
            byte[] value = certificate.getExtensionValue(Extension.nameConstraints.getId());
            if (value != null) {
                org.bouncycastle.asn1.x509.NameConstraints read =
                        org.bouncycastle.asn1.x509.NameConstraints.getInstance(
                                ASN1OctetString.getInstance(value).getOctets());
                all.add(new Subtrees(
                        read(read.getPermittedSubtrees()),
                        read(read.getExcludedSubtrees()),
                        new DirectoryConstraints(read)));
            }
        }
        return new NameConstraints(List.copyOf(all));
    }

    private static List<Constraint> read(GeneralSubtree @org.jspecify.annotations.Nullable [] subtrees) {
        List<Constraint> constraints = new ArrayList<>();
        for (GeneralSubtree subtree : subtrees == null ? new GeneralSubtree[0] : subtrees) {
            GeneralName base = subtree.getBase();
            switch (base.getTagNo()) {
                case GeneralName.dNSName -> constraints.add(text(SubjectAltName.Kind.DNS, base));
                case GeneralName.rfc822Name -> constraints.add(text(SubjectAltName.Kind.EMAIL, base));
                case GeneralName.uniformResourceIdentifier -> constraints.add(text(SubjectAltName.Kind.URI, base));
                case GeneralName.iPAddress -> {
                    List<Byte> range = new ArrayList<>();
                    for (byte octet :
                            ASN1OctetString.getInstance(base.getName()).getOctets()) {
                        range.add(octet);
                    }
                    constraints.add(new Constraint(SubjectAltName.Kind.IP, "", List.copyOf(range)));
                }
                default -> {
                    // DirectoryConstraints has those.
                }
            }
        }
        return List.copyOf(constraints);
    }

    private static Constraint text(SubjectAltName.Kind kind, GeneralName base) {
        return new Constraint(kind, ASN1IA5String.getInstance(base.getName()).getString(), List.of());
    }

    /** CaException FORBIDDEN naming the first name that a CA above may not vouch for. */
    public void check(List<SubjectAltName> names) {
        for (SubjectAltName name : names) {
            for (Subtrees subtrees : all) {
                if (!allows(subtrees, name)) {
                    throw outside(name.text());
                }
            }
        }
    }

    /** As {@link #check(List)}, of all that a certificate says of whom it is for. */
    public void check(CertificateNames names) {
        check(names.comparable());
        Optional<String> refused = all.stream()
                .flatMap(each -> each.directory().refused(names).stream())
                .findFirst();
        if (refused.isPresent()) {
            throw outside(refused.get());
        }
    }

    /** Whether every CA may vouch for a subject. */
    public boolean allow(X500Name subject) {
        CertificateNames names = new CertificateNames(subject, List.of(), List.of());
        return all.stream().allMatch(each -> each.directory().refused(names).isEmpty());
    }

    private static CaException outside(String name) {
        return CaException.of(
                ErrorCode.FORBIDDEN, "the name \"" + name + "\" is outside the name constraints of this CA");
    }

    private static boolean allows(Subtrees subtrees, SubjectAltName name) {
        List<Constraint> permitted = ofKind(subtrees.permitted(), name);
        List<Constraint> excluded = ofKind(subtrees.excluded(), name);
        if (permitted.isEmpty() && excluded.isEmpty()) {
            return true;
        }
        return comparable(name)
                && (permitted.isEmpty() || permitted.stream().anyMatch(c -> covers(c, name, false)))
                && excluded.stream().noneMatch(c -> covers(c, name, true));
    }

    private static List<Constraint> ofKind(List<Constraint> constraints, SubjectAltName name) {
        return constraints.stream().filter(c -> c.kind() == name.kind()).toList();
    }

    /** Whether the name has a host that can be compared at all: labels of printable ASCII, in a URI no address, behind a user. */
    private static boolean comparable(SubjectAltName name) {
        String host = host(name);
        return switch (name.kind()) {
            case IP -> true;
            case DNS -> Labels.stand(host);
            case URI -> Labels.stand(host) && !SubjectAltName.isAddress(host);
            case EMAIL -> Labels.stand(host) && name.text().indexOf('@') > 0;
        };
    }

    private static String host(SubjectAltName name) {
        return switch (name.kind()) {
            case DNS -> name.text();
            case EMAIL -> name.text().substring(name.text().lastIndexOf('@') + 1);
            case URI ->
                GoUrl.parse(name.text()).map(u -> u.withoutPort().host()).orElse("");
            case IP -> "";
        };
    }

    private static boolean covers(Constraint constraint, SubjectAltName name, boolean excluding) {
        String text = constraint.text();
        return switch (name.kind()) {
            case IP -> inRange(constraint.range(), IpLiteral.parse(name.text()).orElse(new byte[0]));
            case DNS ->
                text.isEmpty()
                        || within(text, name.text())
                        || same(text, name.text())
                        || (excluding && wildcardReaches(text, name.text()));
            case URI -> hostCovers(text, host(name), excluding);
            case EMAIL ->
                text.indexOf('@') < 0
                        ? hostCovers(text, host(name), excluding)
                        : mailbox(text).equals(mailbox(name.text()));
        };
    }

    private static boolean hostCovers(String constraint, String host, boolean excluding) {
        return (excluding || constraint.startsWith("."))
                ? within(constraint, host) || same(constraint, host)
                : same(constraint, host);
    }

    /** Whether the name has one or more labels before the constraint, which may begin with a dot. */
    private static boolean within(String constraint, String name) {
        String suffix = constraint.startsWith(".") ? constraint : "." + constraint;
        return name.length() > suffix.length()
                && name.regionMatches(true, name.length() - suffix.length(), suffix, 0, suffix.length());
    }

    private static boolean same(String constraint, String name) {
        return constraint.equalsIgnoreCase(name);
    }

    /** {@code *.a.example} stands for the excluded {@code x.a.example} too. */
    private static boolean wildcardReaches(String constraint, String name) {
        String bare = constraint.startsWith(".") ? constraint.substring(1) : constraint;
        return name.startsWith("*.")
                && bare.indexOf('.') > 0
                && same(bare.substring(bare.indexOf('.')), name.substring(1));
    }

    /** RFC 5321 s. 2.4: the part before the at sign keeps its case, the host does not. */
    private static String mailbox(String text) {
        int at = Math.max(0, text.lastIndexOf('@'));
        return text.substring(0, at) + text.substring(at).toLowerCase(java.util.Locale.ROOT);
    }

    private static boolean inRange(List<Byte> range, byte[] address) {
        if (range.size() != 2 * address.length) {
            return false;
        }
        for (int i = 0; i < address.length; i++) {
            int mask = range.get(address.length + i);
            if ((address[i] & mask) != (range.get(i) & mask)) {
                return false;
            }
        }
        return true;
    }
}
