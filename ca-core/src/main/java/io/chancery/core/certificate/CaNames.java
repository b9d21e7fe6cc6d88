package io.chancery.core.certificate;

import io.chancery.core.name.AddressRange;
import io.chancery.core.name.SubjectName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;

/** Names in CA certificates as people write them. */
public final class CaNames {
    private static final String LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
    private static final String DOMAIN = LABEL + "(\\." + LABEL + ")*";
    private static final String KINDS = "dns:NAME, ip:ADDRESS/PREFIX, email:DOMAIN or uri:DOMAIN";

    private CaNames() {}

    /**
     * A distinguished name: {@code CN=Example Root,O=Example}, its parts in the order they are to stand in, or a common
     * name alone. IllegalArgumentException when it is neither.
     */
    public static X500Name subject(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("a CA's subject is not empty"); // RFC 5280 s. 4.1.2.6
        }
        try {
            return text.indexOf('=') < 0 ? SubjectName.ofCommonName(text) : new X500Name(BCStyle.INSTANCE, text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no subject: write CN=Example Root CA,O=Example (" + e.getMessage() + ")", e);
        }
    }

    /** RFC 5280 s. 4.2.1.10; empty when both lists are. IllegalArgumentException names the text that is wrong. */
    public static Optional<NameConstraints> constraints(List<String> permitted, List<String> excluded) {
        if (permitted.isEmpty() && excluded.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new NameConstraints(subtrees(permitted), subtrees(excluded)));
    }

    /** Where a list of revoked certificates is had; IllegalArgumentException names the text that is none. */
    public static List<String> crlUrls(List<String> urls) {
        for (String url : urls) {
            if (!IssuerUrls.isUrl(url)) {
                throw new IllegalArgumentException(
                        "\"" + url + "\" is no place of a list: write a URL such as http://ca.example/root.crl");
            }
        }
        return List.copyOf(urls);
    }

    @SuppressWarnings("NullAway") // null is how the library is told that a list is absent
    private static GeneralSubtree[] subtrees(List<String> texts) {
        List<GeneralSubtree> subtrees = new ArrayList<>();
        for (String text : texts) {
            subtrees.add(new GeneralSubtree(name(text)));
        }
        return subtrees.isEmpty() ? null : subtrees.toArray(GeneralSubtree[]::new);
    }

    private static GeneralName name(String text) {
        int colon = text.indexOf(':');
        String value = text.substring(colon + 1);
        if (colon < 0 || value.isBlank()) {
            throw new IllegalArgumentException("\"" + text + "\" is no name constraint: write " + KINDS);
        }
        return switch (text.substring(0, colon)) {
            case "dns" -> new GeneralName(GeneralName.dNSName, fitting("\\.?" + DOMAIN, value));
            case "email" -> new GeneralName(GeneralName.rfc822Name, fitting("([^@\\s]+@|\\.)?" + DOMAIN, value));
            case "uri" -> new GeneralName(GeneralName.uniformResourceIdentifier, fitting("\\.?" + DOMAIN, value));
            case "ip" -> {
                // The library would take an address alone, and make of it what no verifier reads as a range.
                if (value.indexOf('/') < 0) {
                    throw new IllegalArgumentException("\"" + text + "\": a range is needed, as ip:10.0.0.0/8");
                }
                yield new GeneralName(
                        GeneralName.iPAddress, AddressRange.parse(value).toString());
            }
            default -> throw new IllegalArgumentException("\"" + text + "\" is no name constraint: write " + KINDS);
        };
    }

    /** A constraint of another form, as {@code *.example.com}, would be written and hold nothing back. */
    private static String fitting(String form, String value) {
        if (!value.matches(form)) {
            throw new IllegalArgumentException(
                    "\"" + value + "\" is no domain: write example.com, or .example.com for what is below it alone");
        }
        return value;
    }
}
