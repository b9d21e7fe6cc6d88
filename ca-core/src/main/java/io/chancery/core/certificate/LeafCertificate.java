package io.chancery.core.certificate;

import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.profile.LeafValidity;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;

/** A leaf as step's default template makes it (wire contract s. 7.2), extension by extension in Go's order. */
public final class LeafCertificate {
    /** The largest to-be-signed certificate, in octets; signers refuse a larger one. */
    public static final int MAX_TBS_OCTETS = 64 * 1024;

    private LeafCertificate() {}

    /**
     * Fixes every byte to be signed.
     *
     * @param commonName the subject's, or empty for an empty subject
     * @param provisionerExtension value of step's extension; left out when empty
     * @throws CaException MALFORMED when a name does not fit a certificate, or all together are too large
     */
    public static PreparedCertificate prepare(
            IssuerCertificate issuer,
            SerialNumber serial,
            String commonName,
            List<SubjectAltName> names,
            LeafValidity validity,
            SubjectPublicKeyInfo key,
            Optional<DERSequence> provisionerExtension) {
        try {
            V3TBSCertificateGenerator tbs = new V3TBSCertificateGenerator();
            tbs.setSerialNumber(new ASN1Integer(serial.value()));
            tbs.setSignature(issuer.scheme().identifier());
            tbs.setIssuer(X500Name.getInstance(
                    issuer.certificate().getSubjectX500Principal().getEncoded()));
            tbs.setStartDate(new Time(Date.from(validity.notBefore())));
            tbs.setEndDate(new Time(Date.from(validity.notAfter())));
            tbs.setSubject(SubjectName.ofCommonName(commonName));
            tbs.setSubjectPublicKeyInfo(key);
            ExtensionsGenerator extensions = new ExtensionsGenerator();
            extensions.addExtension(Extension.keyUsage, true, keyUsage(key));
            extensions.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
                KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
            }));
            extensions.addExtension(
                    Extension.subjectKeyIdentifier, false, new SubjectKeyIdentifier(keyIdentifier(key)));
            Optional<byte[]> authority = issuerKeyIdentifier(issuer);
            if (authority.isPresent()) {
                extensions.addExtension(
                        Extension.authorityKeyIdentifier, false, new AuthorityKeyIdentifier(authority.get()));
            }
            if (!names.isEmpty()) {
                GeneralName[] general =
                        names.stream().map(SubjectAltName::generalName).toArray(GeneralName[]::new);
                // RFC 5280 s. 4.1.2.6: critical when the subject is empty.
                extensions.addExtension(
                        Extension.subjectAlternativeName, commonName.isEmpty(), new GeneralNames(general));
            }
            issuer.urls().addTo(extensions);
            if (provisionerExtension.isPresent()) {
                extensions.addExtension(StepProvisionerExtension.OID, false, provisionerExtension.get());
            }
            tbs.setExtensions(extensions.generate());
            byte[] bytes = tbs.generateTBSCertificate().getEncoded(ASN1Encoding.DER);
            if (bytes.length > MAX_TBS_OCTETS) {
                throw CaException.of(
                        ErrorCode.MALFORMED, "the certificate would be larger than " + MAX_TBS_OCTETS + " octets");
            }
            return new PreparedCertificate(
                    serial,
                    issuer,
                    Der.of(bytes),
                    commonName,
                    names.stream().map(SubjectAltName::text).toList(),
                    validity.notBefore(),
                    validity.notAfter());
        } catch (IOException e) {
            throw CaException.hidden(ErrorCode.INTERNAL, "the certificate cannot be encoded", e);
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

    static Optional<byte[]> issuerKeyIdentifier(IssuerCertificate issuer) {
        byte[] value = issuer.certificate().getExtensionValue(Extension.subjectKeyIdentifier.getId());
        return value == null
                ? Optional.empty()
                : Optional.of(SubjectKeyIdentifier.getInstance(
                                ASN1OctetString.getInstance(value).getOctets())
                        .getKeyIdentifier());
    }
}
