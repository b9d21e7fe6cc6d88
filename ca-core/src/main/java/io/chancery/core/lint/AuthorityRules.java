package io.chancery.core.lint;

import static io.chancery.core.lint.FieldRules.broken;

import io.chancery.core.lint.LintRule.Check;
import io.chancery.core.lint.LintRule.Part;
import io.chancery.core.lint.LintRule.Scope;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.Extension;

/** Rules for what an administrator has made as a CA certificate. */
final class AuthorityRules {
    private static final ASN1ObjectIdentifier P224 = SECObjectIdentifiers.secp224r1;

    static final List<LintRule> ALL = List.of(
            rule(
                    "authority-is-ca",
                    Part.EXTENSIONS,
                    "RFC 5280 s. 4.2.1.9",
                    "basicConstraints that are missing or say that it is no CA",
                    tbs -> broken(!tbs.isCa(), () -> "basicConstraints: absent, or no CA")),
            rule(
                    "authority-usage-critical",
                    Part.EXTENSIONS,
                    "RFC 5280 s. 4.2.1.3",
                    "a keyUsage that is not marked critical",
                    tbs -> tbs.extension(Extension.keyUsage)
                            .filter(usage -> !usage.isCritical())
                            .map(usage -> "keyUsage: not critical")),
            rule(
                    "authority-curve",
                    Part.KEY,
                    "CA/B BR s. 6.1.5",
                    "a key on P-224",
                    tbs -> broken(
                            tbs.key().isEc()
                                    && tbs.key().curve().filter(P224::equals).isPresent(),
                            () -> "subjectPublicKeyInfo: a curve weaker than P-256")),
            rule(
                    "authority-names-issuer-key",
                    Part.EXTENSIONS,
                    "RFC 5280 s. 4.2.1.1",
                    "a certificate below another one without authorityKeyIdentifier",
                    tbs -> broken(
                            tbs.signer().isPresent()
                                    && tbs.extension(Extension.authorityKeyIdentifier)
                                            .isEmpty(),
                            () -> "authorityKeyIdentifier: absent")),
            rule(
                    "root-issues-itself",
                    Part.FIELDS,
                    "RFC 5280 s. 3.2",
                    "a root whose issuer is not its subject",
                    tbs -> broken(
                            tbs.signer().isEmpty() && !tbs.issuer().equals(tbs.subject()),
                            () -> "issuer: a root's issuer is its subject, and this one's is " + tbs.issuer())),
            rule(
                    "subject-not-issuer",
                    Part.FIELDS,
                    "RFC 5280 s. 6.1",
                    "a subject below another certificate that is its issuer: it would pass for a root, and counts for no path length",
                    AuthorityRules::itsOwnIssuer));

    private AuthorityRules() {}

    private static LintRule rule(String name, Part part, String source, String refuses, Check check) {
        return new LintRule(name, part, Scope.AUTHORITY, source, refuses, check);
    }

    private static Optional<String> itsOwnIssuer(ToBeSigned tbs) {
        return broken(
                tbs.signer().isPresent() && tbs.subject().equals(tbs.issuer()),
                () -> "subject: its subject is its issuer");
    }
}
