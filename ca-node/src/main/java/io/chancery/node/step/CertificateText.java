package io.chancery.node.step;

import io.chancery.core.der.Der;
import io.chancery.core.pem.PemBlock;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Map;
import org.bouncycastle.asn1.x509.Certificate;

/** Certificates as PEM texts. */
final class CertificateText {
    private CertificateText() {}

    static String pem(Der certificate) {
        return new PemBlock("CERTIFICATE", Map.of(), certificate).encode();
    }

    static Der der(X509Certificate certificate) {
        try {
            return Der.of(certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate of our own cannot be encoded", e);
        }
    }

    /** Decimal, as step prints it. */
    static String serial(Certificate certificate) {
        return certificate.getSerialNumber().getValue().toString();
    }

    static String pem(X509Certificate certificate) {
        return pem(der(certificate));
    }
}
