package io.chancery.signer.guard;

import static io.chancery.signer.guard.RuleBroken.unless;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.NetscapeType;
import io.chancery.core.config.ChanceryConfig.KeyRules;
import io.chancery.core.der.Der;
import io.chancery.core.lint.PathRoom;
import io.chancery.core.lint.SigningCertificate;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Object;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.CertificatePolicies;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.jspecify.annotations.Nullable;

/** The guard's rules about extensions. */
final class ExtensionChecks {
    /** How each extension that a profile may write is read; others must only be DER. */
    private static final Map<ASN1ObjectIdentifier, Function<Object, @Nullable ASN1Object>> FORMS = Map.ofEntries(
            Map.entry(Extension.keyUsage, KeyUsage::getInstance),
            Map.entry(Extension.extendedKeyUsage, ExtendedKeyUsage::getInstance),
            Map.entry(Extension.basicConstraints, BasicConstraints::getInstance),
            Map.entry(Extension.subjectKeyIdentifier, SubjectKeyIdentifier::getInstance),
            Map.entry(Extension.authorityKeyIdentifier, AuthorityKeyIdentifier::getInstance),
            Map.entry(Extension.subjectAlternativeName, GeneralNames::getInstance),
            Map.entry(Extension.nameConstraints, NameConstraints::getInstance),
            Map.entry(Extension.cRLDistributionPoints, CRLDistPoint::getInstance),
            Map.entry(Extension.certificatePolicies, CertificatePolicies::getInstance),
            Map.entry(Extension.authorityInfoAccess, AuthorityInformationAccess::getInstance));

    private final KeyRules rules;
    private final SigningCertificate signing;

    ExtensionChecks(IssuerCertificate issuer, KeyRules rules) {
        this.rules = rules;
        this.signing = issuer.signing();
    }

    void check(@Nullable Extensions extensions, X500Name subject) throws RuleBroken {
        if (extensions == null) {
            throw new RuleBroken(SigningRule.AUTHORITY_KEY, "no extensions at all");
        }
        Set<ASN1ObjectIdentifier> seen = new HashSet<>();
        for (ASN1ObjectIdentifier oid : extensions.getExtensionOIDs()) {
            // BouncyCastle refuses a second one while it parses; this does not rest on it.
            unless(seen.add(oid), SigningRule.EXTENSIONS, () -> "extension " + oid + " twice");
            // One that is critical and not known here narrows who believes the certificate, and lets nobody do more.
            checkForm(extensions.getExtension(oid));
        }
        checkPurposes(ExtendedKeyUsage.fromExtensions(extensions));
        unless(
                !subjectIsEmpty(subject) || extensions.getExtension(Extension.subjectAlternativeName) != null,
                SigningRule.EXTENSIONS,
                "neither a subject nor subject alternative names");
        checkAuthorityKey(extensions);
        checkCa(extensions, subject);
    }

    /** RFC 6960 s. 4.2.2.2 asks for that very purpose, so one for any purpose answers for nobody else's state. */
    private void checkPurposes(@Nullable ExtendedKeyUsage purposes) throws RuleBroken {
        unless(
                rules.allowOcspSigning()
                        || purposes == null
                        || !purposes.hasKeyPurposeId(KeyPurposeId.id_kp_OCSPSigning),
                SigningRule.OCSP_SIGNING,
                "for signing OCSP responses, which the rules for this key do not allow");
    }

    private static boolean subjectIsEmpty(X500Name subject) {
        return subject.getRDNs().length == 0;
    }

    private static void checkForm(Extension extension) throws RuleBroken {
        ASN1ObjectIdentifier oid = extension.getExtnId();
        byte[] value = extension.getExtnValue().getOctets();
        try {
            ASN1Object parsed = org.bouncycastle.asn1.ASN1Primitive.fromByteArray(value);
            unless(
                    Arrays.equals(value, parsed.getEncoded(ASN1Encoding.DER)),
                    SigningRule.EXTENSIONS,
                    () -> "extension " + oid + " is not DER");
            Function<Object, @Nullable ASN1Object> form = FORMS.get(oid);
            unless(
                    form == null || form.apply(parsed) != null,
                    SigningRule.EXTENSIONS,
                    () -> "extension " + oid + " is empty");
        } catch (java.io.IOException | RuntimeException e) {
            throw new RuleBroken(SigningRule.EXTENSIONS, "extension " + oid + " cannot be read: " + e.getMessage());
        }
    }

    private void checkAuthorityKey(Extensions extensions) throws RuleBroken {
        AuthorityKeyIdentifier found = AuthorityKeyIdentifier.fromExtensions(extensions);
        Optional<Der> wanted = signing.keyId();
        if (wanted.isEmpty()) {
            return; // an issuer without a subject key identifier leaves nothing to compare
        }
        if (found == null) {
            throw new RuleBroken(SigningRule.AUTHORITY_KEY, "no authority key identifier");
        }
        unless(
                Arrays.equals(found.getKeyIdentifierOctets(), wanted.get().bytes()),
                SigningRule.AUTHORITY_KEY,
                "the authority key identifier is not the issuer's subject key identifier");
    }

    private void checkCa(Extensions extensions, X500Name subject) throws RuleBroken {
        BasicConstraints constraints = BasicConstraints.fromExtensions(extensions);
        KeyUsage usage = KeyUsage.fromExtensions(extensions);
        boolean ca = constraints != null && constraints.isCA();
        boolean netscapeCa = Arrays.stream(extensions.getExtensionOIDs())
                .map(extensions::getExtension)
                .anyMatch(NetscapeType::saysCa);
        unless(ca || !netscapeCa, SigningRule.CA, "a CA by its Netscape certificate type, without the CA flag");
        boolean caUsage = usage != null && (usage.hasUsages(KeyUsage.keyCertSign) || usage.hasUsages(KeyUsage.cRLSign));
        unless(rules.allowCa() || !ca, SigningRule.CA, "a CA certificate, which the rules for this key do not allow");
        unless(
                rules.allowCa() || !caUsage,
                SigningRule.CA,
                "key usage of a CA, which the rules for this key do not allow");
        unless(ca || !caUsage, SigningRule.CA, "key usage of a CA without the CA flag (RFC 5280 s. 4.2.1.3)");
        // RFC 5280 s. 6.3.3 (f): clients find a list's signer by its name, and an absent key usage allows all.
        unless(
                ca || usage != null || !signing.isNameOfAuthority(subject),
                SigningRule.CA,
                "the subject of a CA and no key usage, so that its key could sign that CA's lists");
        BigInteger pathLength = constraints == null ? null : constraints.getPathLenConstraint();
        if (!ca) {
            unless(pathLength == null, SigningRule.PATH_LENGTH, "a path length without the CA flag");
            return;
        }
        if (pathLength == null) {
            throw new RuleBroken(SigningRule.PATH_LENGTH, "a CA certificate without a path length");
        }
        // An issuer with room for n may sign CAs of n-1 and less.
        PathRoom room = signing.room();
        int limit = Math.min(rules.maxPathLength(), room.isUnlimited() ? Integer.MAX_VALUE : room.certificates() - 1);
        unless(
                pathLength.signum() >= 0 && pathLength.compareTo(BigInteger.valueOf(limit)) <= 0,
                SigningRule.PATH_LENGTH,
                () -> "path length " + pathLength + ", at most " + limit + " is allowed");
    }
}
