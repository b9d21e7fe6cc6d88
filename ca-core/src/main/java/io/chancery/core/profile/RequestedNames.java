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

/** The names that the token grants, held against those that the CSR repeats (wire contract s. 4.6). */
public final class RequestedNames {
    private RequestedNames() {}

    /**
     * The names for the certificate: the token's, in certificate order. The CSR may leave out a whole kind, or must list
     * exactly the token's of that kind.
     *
     * @throws CaException FORBIDDEN in step-ca's words
     */
    public static List<SubjectAltName> check(TokenClaims claims, CertificateRequest csr) {
        List<SubjectAltName> granted = new ArrayList<>();
        // An empty text is no name: step-ca passes over it too.
        claims.sans().stream()
                .filter(text -> !text.isEmpty())
                .map(SubjectAltName::guess)
                .forEach(granted::add);
        for (Kind kind : Kind.values()) {
            List<String> asked = texts(csr.names(), kind);
            List<String> allowed = texts(granted, kind);
            if (!asked.isEmpty() && !new TreeSet<>(asked).equals(new TreeSet<>(allowed))) {
                throw forbidden("the valid " + kind.plural() + " - got " + list(asked) + ", want " + list(allowed));
            }
        }
        granted.sort(Comparator.comparing(SubjectAltName::kind)); // stable: the token's order within a kind
        return granted;
    }

    /** The CSR's common name is empty, the token's subject or one of its names; else CaException FORBIDDEN in step-ca's words. */
    public static void checkCommonName(TokenClaims claims, CertificateRequest csr) {
        String commonName = csr.commonName();
        if (commonName.isEmpty()
                || commonName.equals(claims.subject())
                || claims.sans().contains(commonName)) {
            return;
        }
        List<String> allowed = new ArrayList<>();
        allowed.add(claims.subject());
        allowed.addAll(claims.sans());
        throw forbidden("the valid common name - got " + commonName + ", want " + list(allowed));
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
