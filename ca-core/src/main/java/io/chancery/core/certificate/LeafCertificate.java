package io.chancery.core.certificate;

import io.chancery.core.der.Der;
import io.chancery.core.der.DerTime;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.name.SubjectName;
import io.chancery.core.profile.LeafValidity;
import io.chancery.core.template.TemplatedCertificate;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;

/** A leaf as step's default template makes it (wire contract s. 7.2), or one of the provisioner's own; extensions in Go's order. */
public final class LeafCertificate {
    /** The largest to-be-signed certificate, in octets; signers refuse a larger one. */
    public static final int MAX_TBS_OCTETS = 64 * 1024;

    private LeafCertificate() {}

    /**
     * Fixes every byte to be signed.
     *
     * @param commonName the subject's and all that is in it, or empty for an empty subject
     * @param provisionerExtension value of step's extension; left out when empty
     * @throws CaException MALFORMED when a name does not fit a certificate, or all together are too large; FORBIDDEN when
     *     it breaks a rule of the issuer's lint
     */
    public static PreparedCertificate prepare(
            IssuerCertificate issuer,
            SerialNumber serial,
            String commonName,
            List<SubjectAltName> names,
            LeafValidity validity,
            SubjectPublicKeyInfo key,
            Optional<DERSequence> provisionerExtension) {
        return prepare(
                issuer, serial, SubjectName.ofCommonName(commonName), names, validity, key, provisionerExtension);
    }

    /** As {@link #prepare(IssuerCertificate, SerialNumber, String, List, LeafValidity, SubjectPublicKeyInfo, Optional)}, for any subject. */
    public static PreparedCertificate prepare(
            IssuerCertificate issuer,
            SerialNumber serial,
            X500Name subject,
            List<SubjectAltName> names,
            LeafValidity validity,
            SubjectPublicKeyInfo key,
            Optional<DERSequence> provisionerExtension) {
        List<Extension> before = List.of(
                extension(Extension.keyUsage, true, keyUsage(key)),
                extension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
                    KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
                })));
        List<Extension> after = new ArrayList<>();
        if (!names.isEmpty()) {
            GeneralName[] general =
                    names.stream().map(SubjectAltName::generalName).toArray(GeneralName[]::new);
            // RFC 5280 s. 4.1.2.6: critical when the subject is empty.
            after.add(extension(
                    Extension.subjectAlternativeName, subject.getRDNs().length == 0, new GeneralNames(general)));
        }
        PreparedCertificate prepared = assemble(
                issuer,
                serial,
                new TemplatedCertificate(
                        subject,
                        SubjectName.commonName(subject),
                        names,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        before,
                        after,
                        Map.of()), // no template wrote it
                validity,
                key,
                provisionerExtension);
        LintRefusal.check(prepared, Optional.empty());
        return prepared;
    }

    /**
     * As a template describes it; the validity is decided by then.
     *
     * @param provisionerExtension takes the place of one that the template wrote; when empty, there is none
     * @throws CaException MALFORMED when it would be too large; when it breaks a rule of the issuer's lint, FORBIDDEN
     *     where the key does, else TEMPLATE_FAILED
     */
    public static PreparedCertificate prepare(
            IssuerCertificate issuer,
            SerialNumber serial,
            TemplatedCertificate content,
            LeafValidity validity,
            SubjectPublicKeyInfo key,
            Optional<DERSequence> provisionerExtension) {
        PreparedCertificate prepared = assemble(issuer, serial, content, validity, key, provisionerExtension);
        LintRefusal.check(prepared, Optional.of("error applying certificate template"));
        return prepared;
    }

    private static PreparedCertificate assemble(
            IssuerCertificate issuer,
            SerialNumber serial,
            TemplatedCertificate content,
            LeafValidity validity,
            SubjectPublicKeyInfo key,
            Optional<DERSequence> provisionerExtension) {
        Extensions extensions = new Extensions(
                extensions(issuer, content, key, provisionerExtension).toArray(Extension[]::new));
        return new PreparedCertificate(
                serial,
                issuer,
                tbs(signing(issuer, content), serial, validity, content.subject(), key, extensions),
                content.commonName(),
                content.names().stream().map(SubjectAltName::text).toList(),
                validity.notBefore(),
                validity.notAfter());
    }

    private static IssuerCertificate signing(IssuerCertificate issuer, TemplatedCertificate content) {
        try {
            return content.scheme().map(issuer::withScheme).orElse(issuer);
        } catch (IllegalArgumentException e) {
            throw CaException.of(
                    ErrorCode.TEMPLATE_FAILED,
                    "error applying certificate template",
                    "signatureAlgorithm: " + e.getMessage());
        }
    }

    /** What is signed of any certificate of ours; CaException MALFORMED when it would be too large. */
    static Der tbs(
            IssuerCertificate issuer,
            SerialNumber serial,
            LeafValidity validity,
            X500Name subject,
            SubjectPublicKeyInfo key,
            Extensions extensions) {
        try {
            V3TBSCertificateGenerator tbs = new V3TBSCertificateGenerator();
            tbs.setSerialNumber(new ASN1Integer(serial.value()));
            tbs.setSignature(issuer.scheme().identifier());
            tbs.setIssuer(issuer.subject());
            tbs.setStartDate(time(validity.notBefore()));
            tbs.setEndDate(time(validity.notAfter()));
            tbs.setSubject(subject);
            tbs.setSubjectPublicKeyInfo(key);
            tbs.setExtensions(extensions);
            byte[] bytes = tbs.generateTBSCertificate().getEncoded(ASN1Encoding.DER);
            if (bytes.length > MAX_TBS_OCTETS) {
                throw CaException.of(
                        ErrorCode.MALFORMED, "the certificate would be larger than " + MAX_TBS_OCTETS + " octets");
            }
            return Der.of(bytes);
        } catch (IOException e) {
            throw CaException.hidden(ErrorCode.INTERNAL, "the certificate cannot be encoded", e);
        }
    }

    private static Time time(Instant time) throws IOException {
        return Time.getInstance(ASN1Primitive.fromByteArray(DerTime.encode(time)));
    }

    private static List<Extension> extensions(
            IssuerCertificate issuer,
            TemplatedCertificate content,
            SubjectPublicKeyInfo key,
            Optional<DERSequence> provisionerExtension) {
        List<Extension> all = new ArrayList<>(content.before());
        Set<ASN1ObjectIdentifier> written =
                content.after().stream().map(Extension::getExtnId).collect(Collectors.toSet());
        if (!written.contains(Extension.subjectKeyIdentifier)) {
            byte[] id = content.subjectKeyId().map(Der::bytes).orElseGet(() -> keyIdentifier(key));
            all.add(extension(Extension.subjectKeyIdentifier, false, new SubjectKeyIdentifier(id)));
        }
        Optional<byte[]> authority = issuer.signing().keyId().map(Der::bytes);
        if (authority.isPresent() && !written.contains(Extension.authorityKeyIdentifier)) {
            all.add(extension(Extension.authorityKeyIdentifier, false, new AuthorityKeyIdentifier(authority.get())));
        }
        for (Extension each : content.after()) {
            // Renewal believes this extension, so it is never what a template wrote.
            if (!each.getExtnId().equals(StepProvisionerExtension.OID)) {
                all.add(each);
            } else if (provisionerExtension.isPresent()) {
                all.add(extension(StepProvisionerExtension.OID, false, provisionerExtension.get()));
            }
        }
        for (Extension each : issuer.urls().extensions()) {
            if (!written.contains(each.getExtnId())) {
                all.add(each);
            }
        }
        if (provisionerExtension.isPresent() && !written.contains(StepProvisionerExtension.OID)) {
            all.add(extension(StepProvisionerExtension.OID, false, provisionerExtension.get()));
        }
        return all;
    }

    static Extension extension(ASN1ObjectIdentifier oid, boolean critical, ASN1Encodable value) {
        try {
            return new Extension(oid, critical, value.toASN1Primitive().getEncoded(ASN1Encoding.DER));
        } catch (IOException e) {
            throw CaException.hidden(ErrorCode.INTERNAL, "an extension cannot be encoded", e);
        }
    }

    private static KeyUsage keyUsage(SubjectPublicKeyInfo key) {
        boolean rsa = key.getAlgorithm().getAlgorithm().equals(PKCSObjectIdentifiers.rsaEncryption);
        return new KeyUsage(rsa ? KeyUsage.digitalSignature | KeyUsage.keyEncipherment : KeyUsage.digitalSignature);
    }

    /** RFC 5280 s. 4.2.1.2, method 1. */
    static byte[] keyIdentifier(SubjectPublicKeyInfo key) {
        try {
            return MessageDigest.getInstance("SHA-1")
                    .digest(key.getPublicKeyData().getOctets());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }
}
