package io.chancery.node.servercert;

import io.chancery.core.certificate.ServerCertificateProfile;
import io.chancery.core.der.Der;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.pem.Pem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;

/** Keeps the server's certificate and key in the data folder, readable by its owner alone. For a worker thread. */
final class ServerCertificateFiles {
    private static final String FILE = "server-certificate.pem";

    private final Path folder;

    ServerCertificateFiles(Path folder) {
        this.folder = folder;
    }

    /** What was kept, when it can still be served: an issuer's of these, for these names, and not expired. */
    Optional<ServerIdentity> load(Issuers issuers, ServerCertificate.Names names, Instant now) {
        try {
            Path file = folder.resolve(FILE);
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            String text = Files.readString(file, StandardCharsets.US_ASCII);
            int key = text.indexOf("-----BEGIN PRIVATE KEY-----");
            if (key < 0) {
                return Optional.empty();
            }
            String chain = text.substring(0, key);
            X509Certificate leaf = certificate(chain);
            Optional<Issuer> issuer = issuers.of(Der.of(leaf.getEncoded()));
            if (issuer.isEmpty()) {
                return Optional.empty();
            }
            leaf.verify(issuer.get().certificate().certificate().getPublicKey());
            return fits(leaf, names)
                            && now.isBefore(leaf.getNotAfter().toInstant())
                            && !isAhead(leaf, issuer.get(), now)
                    ? Optional.of(new ServerIdentity(leaf, chain, text.substring(key)))
                    : Optional.empty();
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            return Optional.empty(); // a new one is issued in its place
        }
    }

    /** Written whole or not at all. */
    void save(ServerIdentity identity) throws IOException {
        Files.createDirectories(folder);
        Path next = Files.createTempFile(
                folder,
                FILE,
                ".new",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Files.writeString(next, identity.chainPem() + identity.keyPem(), StandardCharsets.US_ASCII);
            Path unused = Files.move(next, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            boolean unusedLeft = Files.deleteIfExists(next); // it holds the key
        }
    }

    static X509Certificate certificate(String pem) throws GeneralSecurityException {
        byte[] der = Pem.blocks(pem).get(0).der().bytes();
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    /** Whether another one is to be issued: from two thirds of its life on, or when other names are wanted. */
    static boolean due(X509Certificate leaf, ServerCertificate.Names names, Instant now) {
        Instant start = leaf.getNotBefore().toInstant();
        Duration life = Duration.between(start, leaf.getNotAfter().toInstant());
        try {
            return !now.isBefore(start.plus(life.multipliedBy(2).dividedBy(3))) || !fits(leaf, names);
        } catch (GeneralSecurityException e) {
            return true; // its names cannot be read
        }
    }

    /**
     * Whether it was made while the clock was ahead: nobody believes it yet. Not one that begins with its issuer, as another one
     * would do so, too.
     */
    static boolean isAhead(X509Certificate leaf, Issuer issuer, Instant now) {
        Instant start = leaf.getNotBefore().toInstant();
        return now.isBefore(start)
                && issuer.certificate().certificate().getNotBefore().toInstant().isBefore(start);
    }

    private static boolean fits(X509Certificate leaf, ServerCertificate.Names names) throws GeneralSecurityException {
        TreeSet<String> wanted = new TreeSet<>();
        ServerCertificateProfile.names(names.dnsNames()).stream()
                .map(SubjectAltName::text)
                .forEach(wanted::add);
        TreeSet<String> present = new TreeSet<>();
        Collection<List<?>> sans = leaf.getSubjectAlternativeNames();
        if (sans != null) {
            sans.forEach(name -> present.add(
                    SubjectAltName.guess(String.valueOf(name.get(1))).text()));
        }
        String common = commonName(leaf);
        // A CA above may forbid the subject: then it is empty, and would be so again.
        return wanted.equals(present) && (common.isEmpty() || names.commonName().equals(common));
    }

    private static String commonName(X509Certificate leaf) {
        RDN[] names = X500Name.getInstance(leaf.getSubjectX500Principal().getEncoded())
                .getRDNs(BCStyle.CN);
        return names.length == 0 ? "" : ((ASN1String) names[0].getFirst().getValue()).getString();
    }
}
