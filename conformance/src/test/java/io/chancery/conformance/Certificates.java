package io.chancery.conformance;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Certificates between PEM, DER in upper-case hex (as SQLite prints it), and the JDK's form. */
final class Certificates {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private Certificates() {}

    static String hex(String pem) {
        try {
            return HEX.formatHex(parse(pem.getBytes(StandardCharsets.US_ASCII)).getEncoded());
        } catch (CertificateException e) {
            throw new AssertionError("no certificate: " + pem, e);
        }
    }

    static X509Certificate ofHex(String der) throws CertificateException {
        return parse(HEX.parseHex(der));
    }

    static X509Certificate read(Path pem) throws CertificateException, IOException {
        return parse(StepPki.text(pem).getBytes(StandardCharsets.US_ASCII));
    }

    /** All that stand in a PEM file. */
    static List<X509Certificate> readAll(Path pem) throws CertificateException, IOException {
        List<X509Certificate> all = new ArrayList<>();
        byte[] text = StepPki.text(pem).getBytes(StandardCharsets.US_ASCII);
        for (var each : CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(text))) {
            all.add((X509Certificate) each);
        }
        return all;
    }

    static String tbs(X509Certificate certificate) throws CertificateException {
        return HEX.formatHex(certificate.getTBSCertificate());
    }

    /** In lower case, as a signer writes it. */
    static String sha256(String hex) throws GeneralSecurityException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(HEX.parseHex(hex)));
    }

    private static X509Certificate parse(byte[] encoded) throws CertificateException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(encoded));
    }
}
