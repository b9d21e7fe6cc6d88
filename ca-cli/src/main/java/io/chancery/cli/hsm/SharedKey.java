package io.chancery.cli.hsm;

import io.chancery.cli.SecretFiles;
import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cli.WholeFiles;
import io.chancery.signer.admin.KeyAlgorithm;
import io.chancery.signer.admin.KeyImport;
import io.chancery.signer.admin.KeyShares;
import io.chancery.signer.admin.ManagedKey;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.stream.Stream;

/** A key made outside, so that it can have shares: imported wrapped, its plain copy never written anywhere. */
public final class SharedKey {
    private SharedKey() {}

    /**
     * Backup and shares are on the disk before the token has the key, and are deleted when it does not take it. The folder
     * must not be there yet.
     */
    public static ManagedKey make(
            TokenSession session,
            Pkcs11Uri uri,
            KeyAlgorithm algorithm,
            String shares,
            Path folder,
            Surroundings surroundings)
            throws UsageException, IOException {
        KeyShares.Split split;
        try {
            split = KeyShares.Split.parse(shares);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--shares: " + e.getMessage());
        }
        if (Files.exists(folder)) {
            throw new UsageException(folder + " is there already; name a folder that is not");
        }
        KeyImport.refuse(session, uri);
        Path made = Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        KeyShares.Made key = KeyShares.make(algorithm, split, surroundings.random());
        ManagedKey imported;
        try {
            SecretFiles.write(made.resolve("backup"), key.backup());
            for (int i = 0; i < key.shares().size(); i++) {
                SecretFiles.write(made.resolve("share-" + (i + 1)), key.shares().get(i));
            }
            WholeFiles.toDisk(made);
            WholeFiles.toDisk(Objects.requireNonNull(made.toAbsolutePath().getParent()));
            imported = KeyImport.run(session, uri, key.key(), key.publicKey(), surroundings.random());
        } catch (IOException | RuntimeException e) {
            delete(made, e);
            throw e;
        }
        surroundings
                .err()
                .println("backup and " + split.count() + " shares are in " + made + "; any " + split.needed()
                        + " of the shares with the backup give the key back. Give each share to its keeper and delete it"
                        + " here, now");
        return imported;
    }

    /** Shares of a key that nobody has would be taken for a backup. */
    private static void delete(Path folder, Exception why) {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }
}
