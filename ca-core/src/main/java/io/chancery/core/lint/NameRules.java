package io.chancery.core.lint;

import static io.chancery.core.lint.FieldRules.broken;

import io.chancery.core.lint.LintRule.Part;
import io.chancery.core.lint.LintRule.Scope;
import io.chancery.core.name.GoUrl;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;

/** Rules about who a certificate names, as loose as step-ca's users need them. */
final class NameRules {
    private static final int IPV4 = 4;
    private static final int IPV6 = 16;

    static final List<LintRule> ALL = List.of(
            new LintRule(
                    "names-somebody",
                    Part.NAMES,
                    Scope.STANDARD,
                    "RFC 5280 s. 4.1.2.6, 4.2.1.6",
                    "an empty subject without subject alternative names, or with ones that are not marked critical",
                    NameRules::somebody),
            new LintRule(
                    "name-values",
                    Part.NAMES,
                    Scope.STANDARD,
                    "RFC 5280 s. 4.2.1.6",
                    "a DNS name, e-mail address or URI that is empty or not ASCII, a URI whose host has an empty label or is"
                            + " not of printable ASCII, or an address of neither 4 nor 16 octets",
                    tbs -> tbs.names().stream()
                            .flatMap(name -> value(name).stream())
                            .findFirst()));

    private NameRules() {}

    private static Optional<String> somebody(ToBeSigned tbs) {
        if (tbs.subject().getRDNs().length > 0) {
            return Optional.empty();
        }
        Optional<Extension> names = tbs.extension(Extension.subjectAlternativeName);
        return broken(
                names.filter(Extension::isCritical).isEmpty(),
                () -> names.isEmpty()
                        ? "subject: empty, and there is no subjectAltName"
                        : "subjectAltName: not critical where the subject is empty");
    }

    private static Optional<String> value(GeneralName name) {
        switch (name.getTagNo()) {
            case GeneralName.iPAddress -> {
                int length = ASN1OctetString.getInstance(name.getName()).getOctetsLength();
                return broken(
                        length != IPV4 && length != IPV6, () -> "subjectAltName: an address of " + length + " octets");
            }
            case GeneralName.dNSName, GeneralName.rfc822Name -> {
                return ascii(text(name));
            }
            case GeneralName.uniformResourceIdentifier -> {
                String text = text(name);
                return ascii(text).or(() -> host(text));
            }
            default -> {
                return Optional.empty(); // other kinds say their form themselves
            }
        }
    }

    private static Optional<String> ascii(String text) {
        return broken(
                text.isEmpty() || text.chars().anyMatch(c -> c > 0x7f),
                () -> "subjectAltName: a name that is empty or not ASCII");
    }

    // No program in Go reads a certificate with such a one, whatever it wants of it.
    private static Optional<String> host(String uri) {
        return broken(
                GoUrl.parse(uri).filter(url -> !url.canBeNamed()).isPresent(),
                () -> "subjectAltName: \"" + uri + "\" has a host with an empty label, or not of printable ASCII");
    }

    static String text(GeneralName name) {
        return ASN1IA5String.getInstance(name.getName()).getString();
    }
}
