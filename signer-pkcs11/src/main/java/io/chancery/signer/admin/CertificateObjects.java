package io.chancery.signer.admin;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Integer;
import sun.security.pkcs11.wrapper.CK_ATTRIBUTE;
import sun.security.pkcs11.wrapper.PKCS11Constants;

/** Certificate objects, read and written. */
final class CertificateObjects {
    private CertificateObjects() {}

    /** Empty when it is no X.509 certificate that can be read. */
    static Optional<X509Certificate> read(CryptokiSession session, long handle) {
        try {
            Optional<byte[]> value = session.octets(handle, PKCS11Constants.CKA_VALUE);
            return value.isEmpty()
                    ? Optional.empty()
                    : Optional.of((X509Certificate) CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(value.get())));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    /** PKCS#11 2.40 s. 4.6.3: what a certificate object must have, and the id that joins it to its key. */
    static long write(CryptokiSession session, X509Certificate certificate, String label, byte[] id)
            throws GeneralSecurityException, IOException {
        return session.create(
                new CK_ATTRIBUTE(PKCS11Constants.CKA_CLASS, PKCS11Constants.CKO_CERTIFICATE),
                new CK_ATTRIBUTE(PKCS11Constants.CKA_CERTIFICATE_TYPE, PKCS11Constants.CKC_X_509),
                new CK_ATTRIBUTE(PKCS11Constants.CKA_TOKEN, true),
                new CK_ATTRIBUTE(PKCS11Constants.CKA_PRIVATE, false),
                new CK_ATTRIBUTE(PKCS11Constants.CKA_LABEL, label.getBytes(StandardCharsets.UTF_8)),
                new CK_ATTRIBUTE(PKCS11Constants.CKA_ID, id),
                new CK_ATTRIBUTE(
                        PKCS11Constants.CKA_SUBJECT,
                        certificate.getSubjectX500Principal().getEncoded()),
                new CK_ATTRIBUTE(
                        PKCS11Constants.CKA_ISSUER,
                        certificate.getIssuerX500Principal().getEncoded()),
                new CK_ATTRIBUTE(
                        PKCS11Constants.CKA_SERIAL_NUMBER, new ASN1Integer(certificate.getSerialNumber()).getEncoded()),
                new CK_ATTRIBUTE(PKCS11Constants.CKA_VALUE, certificate.getEncoded()));
    }
}
