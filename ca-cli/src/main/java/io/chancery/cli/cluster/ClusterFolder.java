package io.chancery.cli.cluster;

import io.chancery.cli.SecretFiles;
import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cli.WholeFiles;
import io.chancery.cluster.ca.ClusterCa;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What {@code chancery cluster init} made and the other commands change: the cluster CA with its key, beside it the next
 * CA while a rotation goes on, and a folder for each node. It is kept where no node is.
 */
final class ClusterFolder {
    private static final String CA = "cluster-ca";
    private static final String NEXT = "cluster-ca-next";

    private final Path folder;
    private final Instant now;
    private final SecureRandom random;

    private ClusterFolder(Path folder, Instant now, SecureRandom random) {
        this.folder = folder;
        this.now = now;
        this.random = random;
    }

    /** A new one, with a CA and no nodes. */
    static ClusterFolder make(Path folder, ClusterCa ca, Instant now, SecureRandom random)
            throws IOException, GeneralSecurityException {
        ClusterFolder made = new ClusterFolder(Files.createDirectories(folder), now, random);
        made.write(CA, ca);
        return made;
    }

    /** UsageException when there is none. */
    static ClusterFolder open(Path folder, Surroundings surroundings) throws UsageException {
        ClusterFolder opened = new ClusterFolder(
                folder, surroundings.clock().instant().truncatedTo(ChronoUnit.SECONDS), surroundings.random());
        if (!Files.exists(opened.certificate(CA))) {
            throw new UsageException(
                    folder + " has no " + CA + ".crt; name the folder that chancery cluster init made");
        }
        return opened;
    }

    Path path() {
        return folder;
    }

    Instant now() {
        return now;
    }

    SecureRandom random() {
        return random;
    }

    /** By id. */
    List<NodeFolder> nodes() throws IOException, UsageException {
        List<NodeFolder> nodes = new ArrayList<>();
        try (DirectoryStream<Path> inside = Files.newDirectoryStream(
                folder,
                file -> Files.isDirectory(file)
                        && !file.getFileName().toString().startsWith("."))) {
            for (Path one : inside) {
                NodeFolder.find(one).ifPresent(nodes::add);
            }
        }
        nodes.sort(Comparator.comparing(NodeFolder::id));
        if (nodes.isEmpty()) {
            throw new UsageException(folder + " has no folder of a node");
        }
        return nodes;
    }

    /** The CA that new certificates are from: the next one as soon as any node has a certificate from it. */
    ClusterCa issuer() throws IOException, UsageException {
        Optional<ClusterCa> next = next();
        if (next.isPresent()) {
            for (NodeFolder node : nodes()) {
                if (next.get().issued(node.certificate())) {
                    return next.get();
                }
            }
        }
        return load(CA);
    }

    /** Says so when what this CA issues now is good for less than a year, as it ends itself before. */
    static void sayShort(ClusterCa ca, PrintStream out) {
        if (ca.endsBeforeItsNodes()) {
            out.println("the cluster CA ends at " + ca.issuedEnds() + ", and so does the bus certificate: put another"
                    + " CA in its place before, with chancery cluster rotate-ca");
        }
    }

    /** PEM text of the CAs that nodes believe now: the next one too, once it is there. */
    String authorities() throws IOException {
        String current = Files.readString(certificate(CA), StandardCharsets.US_ASCII);
        return rotating() ? current + nextCertificate() : current;
    }

    String nextCertificate() throws IOException {
        return Files.readString(certificate(NEXT), StandardCharsets.US_ASCII);
    }

    /** Whether a rotation has begun and is not finished. */
    boolean rotating() {
        return Files.exists(certificate(NEXT));
    }

    /** Empty when no rotation goes on, or its end was broken off: nothing is issued any more then. */
    Optional<ClusterCa> next() throws IOException, UsageException {
        return rotating() && Files.exists(key(NEXT)) ? Optional.of(load(NEXT)) : Optional.empty();
    }

    void addNext(ClusterCa ca) throws IOException, GeneralSecurityException {
        write(NEXT, ca);
    }

    /** The next CA takes the place of the old one, whose key is gone with that. */
    void promote() throws IOException {
        if (Files.exists(key(NEXT))) {
            move(key(NEXT), key(CA));
        }
        move(certificate(NEXT), certificate(CA));
    }

    private static void move(Path from, Path to) throws IOException {
        Path unused = Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** The key first: a certificate says that both are there. */
    private void write(String name, ClusterCa ca) throws IOException, GeneralSecurityException {
        SecretFiles.replace(key(name), ca.keyPem());
        WholeFiles.replace(certificate(name), ca.certificatePem());
    }

    private ClusterCa load(String name) throws IOException, UsageException {
        try {
            return ClusterCa.of(
                    Files.readString(certificate(name), StandardCharsets.US_ASCII),
                    Files.readString(key(name), StandardCharsets.US_ASCII),
                    now,
                    random);
        } catch (GeneralSecurityException e) {
            throw new UsageException(certificate(name) + " and " + key(name) + ": " + e.getMessage());
        }
    }

    private Path certificate(String name) {
        return folder.resolve(name + ".crt");
    }

    private Path key(String name) {
        return folder.resolve(name + ".key");
    }
}
