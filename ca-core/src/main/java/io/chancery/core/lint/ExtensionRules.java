package io.chancery.core.lint;

import static io.chancery.core.lint.FieldRules.broken;

import io.chancery.core.der.Der;
import io.chancery.core.lint.LintRule.Check;
import io.chancery.core.lint.LintRule.Part;
import io.chancery.core.lint.LintRule.Scope;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.CertificatePolicies;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.PolicyInformation;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.jspecify.annotations.Nullable;

/** Rules about extensions, of leaves and of CA certificates that a template makes. */
final class ExtensionRules {
    private static final Set<ASN1ObjectIdentifier> CRITICAL = Set.of(
            Extension.nameConstraints, // RFC 5280 s. 4.2.1.10
            Extension.policyConstraints, // s. 4.2.1.11
            Extension.inhibitAnyPolicy); // s. 4.2.1.14
    private static final Set<ASN1ObjectIdentifier> NOT_CRITICAL = Set.of(
            Extension.authorityKeyIdentifier, // s. 4.2.1.1
            Extension.subjectKeyIdentifier, // s. 4.2.1.2
            Extension.subjectDirectoryAttributes, // s. 4.2.1.8
            Extension.freshestCRL, // s. 4.2.1.15
            Extension.authorityInfoAccess, // s. 4.2.2.1
            Extension.subjectInfoAccess); // s. 4.2.2.2

    static final List<LintRule> ALL = List.of(
            rule("extensions-distinct", "RFC 5280 s. 4.2", "an extension that stands twice", ExtensionRules::distinct),
            rule(
                    "extension-forms",
                    "RFC 5280 s. 4.2.1, 4.2.2",
                    "an extension whose value is not DER, not of its form, or empty where something has to stand",
                    tbs -> tbs.extensions().stream()
                            .flatMap(each -> ExtensionForms.problem(each).stream())
                            .findFirst()),
            rule(
                    "must-be-critical",
                    "RFC 5280 s. 4.2.1.9 to 4.2.1.11, 4.2.1.14",
                    "nameConstraints, policyConstraints, inhibitAnyPolicy, or a CA's basicConstraints, not marked critical",
                    tbs -> marked(tbs, true)),
            rule(
                    "must-not-be-critical",
                    "RFC 5280 s. 4.2.1.1, 4.2.1.2, 4.2.1.8, 4.2.1.15, 4.2.2",
                    "a key identifier, authorityInfoAccess, subjectInfoAccess, freshestCRL or subjectDirectoryAttributes that is marked critical",
                    tbs -> marked(tbs, false)),
            rule(
                    "key-usage-bits",
                    "RFC 5280 s. 4.2.1.3",
                    "a keyUsage that allows nothing",
                    tbs -> tbs.value(Extension.keyUsage, ASN1BitString::getInstance)
                            .filter(bits -> bits.intValue() == 0)
                            .map(bits -> "keyUsage: no bit is set")),
            rule(
                    "authority-key",
                    "RFC 5280 s. 4.2.1.1",
                    "an authorityKeyIdentifier that is missing, or is not the issuer's subjectKeyIdentifier",
                    ExtensionRules::authorityKey),
            rule(
                    "cert-sign-needs-ca",
                    "RFC 5280 s. 4.2.1.3, 4.2.1.9",
                    "keyCertSign in the certificate of no CA",
                    tbs -> broken(
                            !tbs.isCa() && mayCertify(tbs), () -> "keyUsage: keyCertSign without basicConstraints cA")),
            rule(
                    "issuer-name-needs-usage",
                    "RFC 5280 s. 6.3.3",
                    "a leaf without keyUsage that has the subject of its issuer, of a CA above that one or of another issuer of the configuration: its key could sign lists of revoked certificates for it",
                    ExtensionRules::speaksForAuthority),
            rule(
                    "path-length-needs-ca",
                    "RFC 5280 s. 4.2.1.9",
                    "a path length where there is no CA, or below 0",
                    ExtensionRules::pathLength),
            rule(
                    "name-constraints-need-ca",
                    "RFC 5280 s. 4.2.1.10",
                    "nameConstraints in the certificate of no CA",
                    tbs -> broken(
                            !tbs.isCa()
                                    && tbs.extension(Extension.nameConstraints).isPresent(),
                            () -> "nameConstraints: not of a CA")),
            rule(
                    "name-constraints-form",
                    "RFC 5280 s. 4.2.1.10",
                    "nameConstraints with a minimum or a maximum",
                    ExtensionRules::subtrees),
            rule(
                    "distribution-points",
                    "RFC 5280 s. 4.2.1.13",
                    "a distribution point that says neither where nor by whom",
                    tbs -> points(tbs, Extension.cRLDistributionPoints, "cRLDistributionPoints")
                            .or(() -> points(tbs, Extension.freshestCRL, "freshestCRL"))),
            rule("policies-distinct", "RFC 5280 s. 4.2.1.4", "a policy that stands twice", ExtensionRules::policies),
            rule(
                    "ca-key-usage",
                    "RFC 5280 s. 4.2.1.3, 4.2.1.9",
                    "a CA certificate whose keyUsage is missing or lacks keyCertSign",
                    tbs -> broken(
                            tbs.isCa() && !mayCertify(tbs),
                            () -> "keyUsage: absent in a CA certificate, or without keyCertSign")),
            rule(
                    "ca-subject",
                    "RFC 5280 s. 4.1.2.6",
                    "a CA certificate with an empty subject",
                    tbs -> broken(
                            tbs.isCa() && tbs.subject().getRDNs().length == 0,
                            () -> "subject: empty in a CA certificate")),
            rule(
                    "ca-subject-key",
                    "RFC 5280 s. 4.2.1.2",
                    "a CA certificate without subjectKeyIdentifier",
                    tbs -> broken(
                            tbs.isCa()
                                    && tbs.value(Extension.subjectKeyIdentifier, SubjectKeyIdentifier::getInstance)
                                            .isEmpty(),
                            () -> "subjectKeyIdentifier: absent in a CA certificate")),
            rule(
                    "ca-path-length",
                    "RFC 5280 s. 4.2.1.9, 6.1.4",
                    "a CA certificate below an issuer whose path length, or that of a CA above it, allows none, or not as many below it",
                    ExtensionRules::belowIssuer));

    private ExtensionRules() {}

    private static LintRule rule(String name, String source, String refuses, Check check) {
        return new LintRule(name, Part.EXTENSIONS, Scope.STANDARD, source, refuses, check);
    }

    private static Optional<String> distinct(ToBeSigned tbs) {
        Set<ASN1ObjectIdentifier> seen = new HashSet<>();
        return tbs.extensions().stream()
                .map(Extension::getExtnId)
                .filter(oid -> !seen.add(oid))
                .findFirst()
                .map(oid -> "extensions: " + oid + " stands twice");
    }

    private static Optional<String> marked(ToBeSigned tbs, boolean critical) {
        for (Extension each : tbs.extensions()) {
            boolean listed = critical
                    ? CRITICAL.contains(each.getExtnId())
                            || (each.getExtnId().equals(Extension.basicConstraints) && tbs.isCa())
                    : NOT_CRITICAL.contains(each.getExtnId());
            if (listed && each.isCritical() != critical) {
                return Optional.of(
                        ExtensionForms.name(each.getExtnId()) + (critical ? ": not critical" : ": critical"));
            }
        }
        return Optional.empty();
    }

    static boolean mayCertify(ToBeSigned tbs) {
        return tbs.value(Extension.keyUsage, KeyUsage::getInstance)
                .filter(usage -> usage.hasUsages(KeyUsage.keyCertSign))
                .isPresent();
    }

    private static Optional<String> authorityKey(ToBeSigned tbs) {
        Optional<Der> found = tbs.value(Extension.authorityKeyIdentifier, AuthorityKeyIdentifier::getInstance)
                .flatMap(it -> Optional.ofNullable(it.getKeyIdentifierOctets()))
                .map(Der::of);
        Optional<Der> wanted = tbs.signer().isPresent()
                ? tbs.signer().flatMap(SigningCertificate::keyId)
                : found.flatMap(it -> tbs.value(Extension.subjectKeyIdentifier, SubjectKeyIdentifier::getInstance))
                        .map(own -> Der.of(own.getKeyIdentifier()));
        if (wanted.isEmpty()) {
            return Optional.empty(); // a root, or an issuer without one of its own: nothing to compare
        }
        return broken(
                !found.equals(wanted),
                () -> "authorityKeyIdentifier: "
                        + (found.isEmpty() ? "absent" : "not the issuer's subjectKeyIdentifier"));
    }

    /** Step (f) there asks for cRLSign only where there is a keyUsage, and for basicConstraints nowhere. */
    private static Optional<String> speaksForAuthority(ToBeSigned tbs) {
        return tbs.signer()
                .filter(signer -> !tbs.isCa()
                        && tbs.extension(Extension.keyUsage).isEmpty()
                        && signer.isNameOfAuthority(tbs.subject()))
                .map(
                        signer ->
                                "keyUsage: absent where the subject is that of the issuer, of a CA above it or of another issuer");
    }

    static Optional<Integer> ownPathLength(ToBeSigned tbs) {
        return tbs.value(Extension.basicConstraints, BasicConstraints::getInstance)
                .flatMap(it -> Optional.ofNullable(it.getPathLenConstraint()))
                .map(length -> length.intValueExact());
    }

    private static Optional<String> pathLength(ToBeSigned tbs) {
        return ownPathLength(tbs)
                .filter(length -> length < 0 || !tbs.isCa())
                .map(length -> "basicConstraints: path length " + length + (tbs.isCa() ? "" : " without cA"));
    }

    private static Optional<String> belowIssuer(ToBeSigned tbs) {
        int own = ownPathLength(tbs).orElse(Integer.MAX_VALUE);
        return tbs.signer()
                .filter(signer -> tbs.isCa() && signer.isCa() && !signer.room().holds(own))
                .map(signer -> "basicConstraints: its issuer, or a CA above that one, allows "
                        + Math.max(0, signer.room().certificates())
                        + " CA certificate(s) below the issuer, and this one "
                        + (own == Integer.MAX_VALUE ? "any number" : own) + " below itself");
    }

    private static Optional<String> subtrees(ToBeSigned tbs) {
        return tbs.value(Extension.nameConstraints, NameConstraints::getInstance)
                .filter(it -> isBounded(it.getPermittedSubtrees()) || isBounded(it.getExcludedSubtrees()))
                .map(it -> "nameConstraints: a minimum other than 0, or a maximum");
    }

    private static boolean isBounded(GeneralSubtree @Nullable [] subtrees) {
        if (subtrees != null) {
            for (GeneralSubtree each : subtrees) {
                if (each.getMinimum().signum() != 0 || each.getMaximum() != null) {
                    return true;
                }
            }
        }
        return false;
    }

    private static Optional<String> points(ToBeSigned tbs, ASN1ObjectIdentifier oid, String name) {
        for (DistributionPoint each : tbs.value(oid, CRLDistPoint::getInstance)
                .map(CRLDistPoint::getDistributionPoints)
                .orElse(new DistributionPoint[0])) {
            if (each.getDistributionPoint() == null && each.getCRLIssuer() == null) {
                return Optional.of(name + ": a point with neither distributionPoint nor cRLIssuer");
            }
        }
        return Optional.empty();
    }

    private static Optional<String> policies(ToBeSigned tbs) {
        Set<ASN1ObjectIdentifier> seen = new HashSet<>();
        for (PolicyInformation each : tbs.value(Extension.certificatePolicies, CertificatePolicies::getInstance)
                .map(CertificatePolicies::getPolicyInformation)
                .orElse(new PolicyInformation[0])) {
            if (!seen.add(each.getPolicyIdentifier())) {
                return Optional.of("certificatePolicies: " + each.getPolicyIdentifier() + " stands twice");
            }
        }
        return Optional.empty();
    }
}
