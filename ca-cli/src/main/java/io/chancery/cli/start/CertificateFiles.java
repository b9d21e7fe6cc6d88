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

/** Reads certificates from PEM files. */
final class CertificateFiles {
    /** What a file that is named has to be. */
    static final String CERTIFICATES = "a file with PEM blocks of type CERTIFICATE";

    private CertificateFiles() {}

    static List<X509Certificate> read(List<Path> files) throws UsageException {
        List<X509Certificate> all = new ArrayList<>();
        for (Path file : files) {
            all.addAll(read(file));
        }
        return all;
    }

    /**
     * What is wrong with the files that a ca.json names, each by its place; empty when all of them hold certificates.
     *
     * @param federation whether {@code federatedRoots} are among them: who serves no API does not read those
     */
    static List<ConfigProblem> check(CaConfig.Pki pki, boolean federation) {
        List<ConfigProblem> problems = new ArrayList<>();
        check("/root", pki.roots(), problems);
        if (federation) {
            check("/federatedRoots", pki.federatedRoots(), problems);
        }
        check("/crt", List.of(pki.crt()), problems);
        return problems;
    }

    private static void check(String pointer, List<Path> files, List<ConfigProblem> problems) {
        for (int i = 0; i < files.size(); i++) {
            try {
                List<X509Certificate> unused = read(files.get(i));
            } catch (UsageException e) {
                problems.add(ConfigProblem.error(
                        "ca.json",
                        files.size() == 1 && !pointer.equals("/federatedRoots") ? pointer : pointer + "/" + i,
                        String.valueOf(e.getMessage()),
                        CERTIFICATES));
            }
        }
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
