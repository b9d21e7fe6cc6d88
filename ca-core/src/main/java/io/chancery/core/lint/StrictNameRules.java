package io.chancery.core.lint;

import static io.chancery.core.lint.FieldRules.broken;

import io.chancery.core.lint.LintRule.Check;
import io.chancery.core.lint.LintRule.Part;
import io.chancery.core.lint.LintRule.Scope;
import io.chancery.core.name.SubjectAltName;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.GeneralName;

/** Rules about names that have to be asked for: step-ca signs nearly any text as a name. */
final class StrictNameRules {
    private static final int MAX_DNS_OCTETS = 253; // RFC 1035 s. 2.3.4, as text
    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?");
    private static final Pattern LOCAL_PART = Pattern.compile("[!-~&&[^@<>()\\[\\]:;\\\\,\"]]{1,64}");
    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*");
    private static final Pattern PORT = Pattern.compile("(:[0-9]*)?");

    static final List<LintRule> ALL = List.of(
            rule(
                    "dns-names",
                    "RFC 5280 s. 4.2.1.6, RFC 1034 s. 3.5, RFC 1123 s. 2.1",
                    "a DNS name that is not letters, digits and inner hyphens in labels of up to 63, 253 in all, but for one leading *. label",
                    tbs -> each(tbs, GeneralName.dNSName, StrictNameRules::isDns)),
            rule(
                    "email-names",
                    "RFC 5280 s. 4.2.1.6, RFC 2821 s. 4.1.2",
                    "an e-mail address that is not local-part@host",
                    tbs -> each(tbs, GeneralName.rfc822Name, StrictNameRules::isMailbox)),
            rule(
                    "uri-names",
                    "RFC 5280 s. 4.2.1.6, RFC 3986",
                    "a URI without a scheme and more, or whose authority has no host that is a name or an address",
                    tbs -> each(tbs, GeneralName.uniformResourceIdentifier, StrictNameRules::isUri)),
            rule(
                    "names-distinct",
                    "zlint n_san_dns_name_duplicate",
                    "a name that stands twice",
                    StrictNameRules::distinct),
            rule(
                    "common-name-among-names",
                    "CA/B BR s. 7.1.4.3",
                    "a leaf with a common name that is not one of its DNS names, addresses, e-mail addresses and URIs",
                    StrictNameRules::commonName));

    private StrictNameRules() {}

    private static LintRule rule(String name, String source, String refuses, Check check) {
        return new LintRule(name, Part.NAMES, Scope.STRICT, source, refuses, check);
    }

    private static Optional<String> each(ToBeSigned tbs, int kind, Predicate<String> fits) {
        return tbs.names().stream()
                .filter(name -> name.getTagNo() == kind)
                .map(NameRules::text)
                .filter(text -> !fits.test(text))
                .findFirst()
                .map(text -> "subjectAltName: \"" + text + "\"");
    }

    private static boolean isDns(String text) {
        return isHost(text.startsWith("*.") ? text.substring(2) : text);
    }

    private static boolean isHost(String text) {
        if (text.length() > MAX_DNS_OCTETS) {
            return false;
        }
        for (String label : text.split("\\.", -1)) {
            if (!LABEL.matcher(label).matches()) {
                return false;
            }
        }
        return true;
    }

    private static boolean isMailbox(String text) {
        int at = text.lastIndexOf('@');
        return at > 0 && LOCAL_PART.matcher(text.substring(0, at)).matches() && isHost(text.substring(at + 1));
    }

    private static boolean isUri(String text) {
        int colon = text.indexOf(':');
        if (colon < 0 || !SCHEME.matcher(text.substring(0, colon)).matches() || text.indexOf(' ') >= 0) {
            return false;
        }
        String rest = text.substring(colon + 1);
        return rest.startsWith("//") ? isAuthority(rest.substring(2)) : !rest.isEmpty();
    }

    private static boolean isAuthority(String rest) {
        String authority = rest.split("[/?#]", 2)[0];
        String place = authority.substring(authority.lastIndexOf('@') + 1);
        int end = place.startsWith("[") ? place.indexOf(']') + 1 : place.indexOf(':');
        String host = end < 0 ? place : place.substring(0, end);
        String port = end < 0 ? "" : place.substring(end);
        boolean literal = host.startsWith("[") && host.endsWith("]");
        return PORT.matcher(port).matches()
                && (literal ? SubjectAltName.isAddress(host.substring(1, host.length() - 1)) : isHost(host));
    }

    private static Optional<String> distinct(ToBeSigned tbs) {
        Set<String> seen = new HashSet<>();
        for (GeneralName name : tbs.names()) {
            // Host names are the same in any case; so are all texts here, for a reader.
            if (!seen.add(name.getTagNo() + name.getName().toString().toLowerCase(Locale.ROOT))) {
                return Optional.of("subjectAltName: " + name.getName() + " stands twice");
            }
        }
        return Optional.empty();
    }

    private static Optional<String> commonName(ToBeSigned tbs) {
        Set<String> names = new HashSet<>();
        tbs.names().stream()
                .flatMap(name -> SubjectAltName.ofGeneralName(name).stream())
                .forEach(name -> names.add(name.text().toLowerCase(Locale.ROOT)));
        for (RDN rdn : tbs.subject().getRDNs()) {
            for (AttributeTypeAndValue each : rdn.getTypesAndValues()) {
                if (each.getType().equals(BCStyle.CN) && each.getValue() instanceof ASN1String text) {
                    String commonName = text.getString();
                    Optional<String> problem = broken(
                            !tbs.isCa() && !names.contains(commonName.toLowerCase(Locale.ROOT)),
                            () -> "subject: the common name \"" + commonName + "\" is not among the names");
                    if (problem.isPresent()) {
                        return problem;
                    }
                }
            }
        }
        return Optional.empty();
    }
}
