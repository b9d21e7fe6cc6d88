package io.chancery.core.profile;

import io.chancery.core.csr.CertificateRequest;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.name.SubjectAltName.Kind;
import io.chancery.core.token.TokenClaims;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * The names that a token grants, and how those that the CSR repeats are held against them (wire contract s. 4.6).
 *
 * @param subject the common name that is granted, or empty
 * @param names in certificate order
 * @param commonNames those of which the CSR may name one; looked at where the rule is {@link Rule#GRANTED} alone
 */
public record NameGrant(String subject, List<SubjectAltName> names, List<String> commonNames, Rule rule) {
    /** Whose names a certificate has that no template of its provisioner's own describes. */
    public enum Rule {
        /** The token's; the CSR may leave out a whole kind, or must list exactly the token's of that kind. */
        GRANTED,
        /** The token's, whatever the CSR says. */
        WHATEVER_IS_ASKED,
        /** The CSR's own. */
        REQUESTED
    }

    public NameGrant {
        List<SubjectAltName> sorted = new ArrayList<>(names);
        sorted.sort(Comparator.comparing(SubjectAltName::kind)); // stable: the token's order within a kind
        names = List.copyOf(sorted);
        commonNames = List.copyOf(commonNames);
    }

    /**
     * What a token with {@code sub} and {@code sans} grants.
     *
     * @param commonNames those of which the CSR may name one
     */
    public static NameGrant of(TokenClaims claims, List<String> commonNames) {
        List<SubjectAltName> names = claims.sans().stream()
                .filter(text -> !text.isEmpty()) // an empty text is no name: step-ca passes over it too
                .map(SubjectAltName::guess)
                .toList();
        return new NameGrant(claims.subject(), names, commonNames, Rule.GRANTED);
    }

    /** The CSR's common name is empty or one of those that it may be; else CaException FORBIDDEN in step-ca's words. */
    public void checkCommonName(CertificateRequest csr) {
        String commonName = csr.commonName();
        if (rule == Rule.GRANTED && !commonName.isEmpty() && !commonNames.contains(commonName)) {
            String wanted = commonNames.size() == 1 ? commonNames.get(0) : list(commonNames);
            throw forbidden("the valid common name - got " + commonName + ", want " + wanted);
        }
    }

    /** The CSR asks for no other names; else CaException FORBIDDEN in step-ca's words. */
    public void checkNames(CertificateRequest csr) {
        if (rule != Rule.GRANTED) {
            return;
        }
        for (Kind kind : Kind.values()) {
            List<String> asked = texts(csr.names(), kind);
            List<String> allowed = texts(names, kind);
            if (!asked.isEmpty() && !new TreeSet<>(asked).equals(new TreeSet<>(allowed))) {
                throw forbidden("the valid " + kind.plural() + " - got " + list(asked) + ", want " + list(allowed));
            }
        }
    }

    private static List<String> texts(List<SubjectAltName> names, Kind kind) {
        return names.stream()
                .filter(n -> n.kind() == kind)
                .map(SubjectAltName::text)
                .toList();
    }

    private static String list(List<String> texts) {
        return "[" + String.join(" ", texts) + "]";
    }

    private static CaException forbidden(String what) {
        return CaException.of(ErrorCode.FORBIDDEN, "certificate request does not contain " + what);
    }
}
