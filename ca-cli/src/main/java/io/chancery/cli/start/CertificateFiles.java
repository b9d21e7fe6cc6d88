package io.chancery.cli.start;

import io.chancery.cli.UsageException;
import io.chancery.core.config.CaConfig;
import io.chancery.core.config.ConfigProblem;
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
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Reads certificates from PEM files. */
final class CertificateFiles {
    /** What a file that is named has to be. */
    static final String CERTIFICATES = "a file with PEM blocks of type CERTIFICATE";

    private CertificateFiles() {}

    /**
     * Those that a ca.json names.
     *
     * @param roots of the files that can be read
     * @param crt empty where its file cannot be read
     * @param allRoots whether each of their files can be read
     */
    record OfCaJson(
            List<X509Certificate> roots,
            boolean allRoots,
            List<X509Certificate> federatedRoots,
            List<X509Certificate> crt) {
        OfCaJson {
            roots = List.copyOf(roots);
            federatedRoots = List.copyOf(federatedRoots);
            crt = List.copyOf(crt);
        }
    }

    /**
     * Reads each file once; one that does not hold certificates is a problem.
     *
     * @param federation whether {@code federatedRoots} are among them: who serves no API does not read those
     */
    static OfCaJson read(CaConfig.Pki pki, boolean federation, Consumer<ConfigProblem> problem) {
        AtomicBoolean allRoots = new AtomicBoolean(true);
        List<X509Certificate> roots = read("/root", pki.roots(), each -> {
            allRoots.set(false);
            problem.accept(each);
        });
        return new OfCaJson(
                roots,
                allRoots.get(),
                federation ? read("/federatedRoots", pki.federatedRoots(), problem) : List.of(),
                read("/crt", List.of(pki.crt()), problem));
    }

    private static List<X509Certificate> read(String pointer, List<Path> files, Consumer<ConfigProblem> problem) {
        List<X509Certificate> all = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            try {
                all.addAll(read(files.get(i)));
            } catch (UsageException e) {
                problem.accept(ConfigProblem.error(
                        "ca.json",
                        files.size() == 1 && !pointer.equals("/federatedRoots") ? pointer : pointer + "/" + i,
                        String.valueOf(e.getMessage()),
                        CERTIFICATES));
            }
        }
        return all;
    }

    /** At least one, in the file's order. */
    static List<X509Certificate> read(Path file) throws UsageException {
        List<X509Certificate> certificates = new ArrayList<>();
        try {
            // What stands around the blocks may be in any encoding.
            for (PemBlock block : Pem.blocks(Files.readString(file, StandardCharsets.ISO_8859_1))) {
                if (block.type().equals("CERTIFICATE")) {
                    certificates.add((X509Certificate) CertificateFactory.getInstance("X.509")
                            .generateCertificate(
                                    new ByteArrayInputStream(block.der().bytes())));
                }
            }
        } catch (IOException e) {
            throw new UsageException("cannot read certificates from " + file + ": " + FileTrouble.of(file, e));
        } catch (GeneralSecurityException | CaException e) {
            throw new UsageException("cannot read certificates from " + file + ": " + e.getMessage());
        }
        if (certificates.isEmpty()) {
            throw new UsageException(file + " holds no PEM block of type CERTIFICATE");
        }
        return certificates;
    }
}
