package io.chancery.core.certificate;

import io.chancery.core.der.Der;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** Holds what is about to be signed as a CA certificate against RFC 5280, reading the very bytes. */
public final class CaCertificateCheck {
    private static final int MAX_SERIAL_OCTETS = 20;
    private static final int MIN_RSA_BITS = 2048;
    private static final int MIN_EC_OCTETS = 1 + 2 * 32; // P-256, uncompressed

    private final TBSCertificate tbs;
    private final Extensions extensions;
    private final Optional<X509Certificate> issuer;
    private final List<String> problems = new ArrayList<>();

    private CaCertificateCheck(TBSCertificate tbs, Optional<X509Certificate> issuer) {
        this.tbs = tbs;
        this.extensions = tbs.getExtensions();
        this.issuer = issuer;
    }

    /**
     * Every rule that is broken, in words; empty when none is.
     *
     * @param issuer the certificate of the key that will sign; empty for a root
     */
    public static List<String> problems(Der tbs, Optional<X509Certificate> issuer) {
        try {
            TBSCertificate parsed = TBSCertificate.getInstance(ASN1Primitive.fromByteArray(tbs.bytes()));
            if (parsed.getExtensions() == null) {
                return List.of("it has no extensions (RFC 5280 s. 4.2)");
            }
            CaCertificateCheck check = new CaCertificateCheck(parsed, issuer);
            check.run();
            return List.copyOf(check.problems);
        } catch (java.io.IOException | RuntimeException e) {
            return List.of("it is no TBSCertificate: " + e.getMessage());
        }
    }

    private void run() {
        fields();
        key();
        usages();
        identifiers();
        Extension constraints = extensions.getExtension(Extension.nameConstraints);
        require(constraints == null || constraints.isCritical(), "nameConstraints is not critical (s. 4.2.1.10)");
        if (issuer.isPresent()) {
            underItsIssuer(issuer.get());
        } else {
            require(tbs.getIssuer().equals(tbs.getSubject()), "a root's issuer is not its subject (s. 3.2)");
        }
    }

    private void fields() {
        require(tbs.getVersionNumber() == 3, "its version is not 3 (s. 4.1.2.1)");
        byte[] serial = tbs.getSerialNumber().getValue().toByteArray();
        require(
                tbs.getSerialNumber().getValue().signum() > 0 && serial.length <= MAX_SERIAL_OCTETS,
                "its serial number is not positive, or longer than 20 octets (s. 4.1.2.2)");
        require(tbs.getSubject().getRDNs().length > 0, "its subject is empty (s. 4.1.2.6)");
        require(tbs.getIssuer().getRDNs().length > 0, "its issuer is empty (s. 4.1.2.4)");
        require(notBefore().isBefore(notAfter()), "it ends before it begins (s. 4.1.2.5)");
    }

    private void key() {
        SubjectPublicKeyInfo info = tbs.getSubjectPublicKeyInfo();
        boolean rsa = info.getAlgorithm().getAlgorithm().equals(PKCSObjectIdentifiers.rsaEncryption);
        boolean ec = info.getAlgorithm().getAlgorithm().equals(X9ObjectIdentifiers.id_ecPublicKey);
        byte[] bits = info.getPublicKeyData().getOctets();
        if (rsa) {
            int length = RSAPublicKey.getInstance(bits).getModulus().bitLength();
            require(length >= MIN_RSA_BITS, "its RSA key has " + length + " bits; at least 2048 are needed");
        } else if (ec) {
            require(bits.length >= MIN_EC_OCTETS, "its elliptic curve is weaker than P-256");
        }
    }

    private void usages() {
        Extension constraints = extensions.getExtension(Extension.basicConstraints);
        require(
                constraints != null
                        && constraints.isCritical()
                        && BasicConstraints.getInstance(constraints.getParsedValue())
                                .isCA(),
                "basicConstraints is absent, not critical, or says that it is no CA (s. 4.2.1.9)");
        Extension usage = extensions.getExtension(Extension.keyUsage);
        require(
                usage != null
                        && usage.isCritical()
                        && KeyUsage.getInstance(usage.getParsedValue()).hasUsages(KeyUsage.keyCertSign),
                "keyUsage is absent, not critical, or lacks keyCertSign (s. 4.2.1.3)");
    }

    private void identifiers() {
        require(parsed(Extension.subjectKeyIdentifier).isPresent(), "subjectKeyIdentifier is absent (s. 4.2.1.2)");
        require(
                parsed(Extension.authorityKeyIdentifier).isPresent() || issuer.isEmpty(),
                "authorityKeyIdentifier is absent (s. 4.2.1.1)");
    }

    private void underItsIssuer(X509Certificate signer) {
        require(
                tbs.getIssuer()
                        .equals(X500Name.getInstance(
                                signer.getSubjectX500Principal().getEncoded())),
                "its issuer is not the subject of the signing certificate (s. 4.1.2.4)");
        require(
                !tbs.getSubject().equals(tbs.getIssuer()),
                "its subject is its issuer: it would pass for a root, and counts for no path length (s. 6.1)");
        require(
                !tbs.getSubjectPublicKeyInfo()
                        .equals(SubjectPublicKeyInfo.getInstance(
                                signer.getPublicKey().getEncoded())),
                "its key is its issuer's own");
        require(
                !notBefore().isBefore(signer.getNotBefore().toInstant())
                        && !notAfter().isAfter(signer.getNotAfter().toInstant()),
                "it is valid when its issuer is not: from " + notBefore() + " to " + notAfter() + ", issuer from "
                        + signer.getNotBefore().toInstant() + " to "
                        + signer.getNotAfter().toInstant());
        int above = signer.getBasicConstraints();
        require(above >= 0, "its issuer is no CA (s. 4.2.1.9)");
        boolean[] usage = signer.getKeyUsage();
        require(usage == null || usage[5], "its issuer may not sign certificates (s. 4.2.1.3)");
        int own = pathLength();
        require(
                above == Integer.MAX_VALUE || above > own,
                "its issuer allows " + above + " CA certificate(s) below itself, and this one " + text(own)
                        + " (s. 4.2.1.9)");
        Optional<ASN1Encodable> authority = parsed(Extension.authorityKeyIdentifier);
        byte[] named = authority.isEmpty()
                ? null
                : AuthorityKeyIdentifier.getInstance(authority.get()).getKeyIdentifierOctets();
        require(
                named == null || Der.of(named).equals(CaIssuer.of(signer).keyIdentifier()),
                "authorityKeyIdentifier is not the issuer's subjectKeyIdentifier (s. 4.2.1.1)");
    }

    private int pathLength() {
        Optional<ASN1Encodable> constraints = parsed(Extension.basicConstraints);
        if (constraints.isEmpty()
                || BasicConstraints.getInstance(constraints.get()).getPathLenConstraint() == null) {
            return Integer.MAX_VALUE;
        }
        return BasicConstraints.getInstance(constraints.get())
                .getPathLenConstraint()
                .intValue();
    }

    private static String text(int pathLength) {
        return pathLength == Integer.MAX_VALUE ? "any number" : String.valueOf(pathLength);
    }

    private Optional<ASN1Encodable> parsed(org.bouncycastle.asn1.ASN1ObjectIdentifier oid) {
        return Optional.ofNullable(extensions.getExtensionParsedValue(oid)).map(value -> {
            if (oid.equals(Extension.subjectKeyIdentifier)) {
                return SubjectKeyIdentifier.getInstance(value);
            }
            return value;
        });
    }

    private Instant notBefore() {
        return tbs.getStartDate().getDate().toInstant();
    }

    private Instant notAfter() {
        return tbs.getEndDate().getDate().toInstant();
    }

    private void require(boolean holds, String problem) {
        if (!holds) {
            problems.add(problem);
        }
    }
}
