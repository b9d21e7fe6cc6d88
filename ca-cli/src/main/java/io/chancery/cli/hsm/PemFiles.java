package io.chancery.cli.hsm;

import io.chancery.cli.UsageException;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.pem.Pem;
import io.chancery.core.pem.PemBlock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Certificates and requests in files. */
public final class PemFiles {
    private static final long MAX_BYTES = 1024 * 1024;

    private PemFiles() {}

    /** The first certificate of the file. */
    public static X509Certificate certificate(Path file) throws UsageException {
        return certificates(file).get(0);
    }

    /** At least one, in the file's order. */
    public static List<X509Certificate> certificates(Path file) throws UsageException {
        List<X509Certificate> found = new ArrayList<>();
        try {
            for (PemBlock block : blocks(file)) {
                if (block.type().equals("CERTIFICATE")) {
                    found.add((X509Certificate) CertificateFactory.getInstance("X.509")
                            .generateCertificate(
                                    new ByteArrayInputStream(block.der().bytes())));
                }
            }
        } catch (GeneralSecurityException e) {
            throw new UsageException(file + " holds a certificate that cannot be read: " + e.getMessage());
        }
        if (found.isEmpty()) {
            throw new UsageException(file + " holds no PEM block of type CERTIFICATE");
        }
        return found;
    }

    /** A list of revoked certificates, PEM or DER; of which issuer is not looked at. */
    public static X509CRL revocationList(Path file) throws UsageException {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new UsageException(file + " is larger than " + MAX_BYTES + " bytes");
            }
            return (X509CRL) CertificateFactory.getInstance("X.509")
                    .generateCRL(new ByteArrayInputStream(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new UsageException("cannot read " + file);
        } catch (GeneralSecurityException e) {
            throw new UsageException(file + " holds no list of revoked certificates: " + e.getMessage());
        }
    }

    public static Der request(Path file) throws UsageException {
        for (PemBlock block : blocks(file)) {
            if (block.type().endsWith("CERTIFICATE REQUEST")) {
                return block.der();
            }
        }
        throw new UsageException(file + " holds no PEM block of type CERTIFICATE REQUEST");
    }

    public static List<PemBlock> blocks(Path file) throws UsageException {
        try {
            return Pem.blocks(text(file));
        } catch (CaException e) {
            throw new UsageException(file + ": " + e.getMessage());
        }
    }

    /** Octet by octet: what stands beside the blocks may be of any encoding. */
    static String text(Path file) throws UsageException {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new UsageException(file + " is larger than " + MAX_BYTES + " bytes");
            }
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UsageException("cannot read " + file);
        }
    }

    public static String pem(X509Certificate certificate) throws GeneralSecurityException {
        return pem("CERTIFICATE", Der.of(certificate.getEncoded()));
    }

    public static String pem(String type, Der der) {
        return new PemBlock(type, Map.of(), der).encode();
    }
}
