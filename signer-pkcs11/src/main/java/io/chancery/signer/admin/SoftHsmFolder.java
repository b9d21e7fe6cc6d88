package io.chancery.signer.admin;

import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * SoftHSM's tokens as folders, which can be copied: each is encrypted under its PINs. What a real HSM's maker calls
 * cloning is this for SoftHSM.
 */
public final class SoftHsmFolder {
    private static final String SETTING = "directories.tokendir";

    private SoftHsmFolder() {}

    /** Whether the library is SoftHSM. */
    public static boolean isSoftHsm(HsmModule module) {
        return module.info().manufacturer().toLowerCase(Locale.ROOT).contains("softhsm");
    }

    /**
     * Copies the URI's token to a new folder, with a softhsm2.conf beside it, and sees in a process of its own that the
     * copy takes the PIN. Nobody should make or delete keys meanwhile.
     */
    public static Path copy(Pkcs11Uri uri, Secret pin, Path to) {
        HsmModule module = HsmModule.open(uri.modulePath());
        String serial = module.token(uri).slot().serial();
        try {
            if (Files.exists(to)) {
                throw HsmException.misconfigured(to + " is there already; name a folder that is not");
            }
            Path from = tokenFolder(serial);
            Path tokens = Files.createDirectories(to.toAbsolutePath().resolve("tokens"));
            copyTree(from, tokens.resolve(from.getFileName().toString()));
            Path conf = Files.writeString(
                    to.toAbsolutePath().resolve("softhsm2.conf"),
                    SETTING + " = " + tokens
                            + "\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n");
            PinCheck.Result opened = PinCheck.run(uri, pin, Map.of("SOFTHSM2_CONF", conf.toString()));
            if (opened.verdict() != PinCheck.Verdict.ACCEPTED) {
                throw HsmException.misconfigured("the copy in " + to + " cannot be opened: " + opened.text());
            }
            toDisk(to);
            return to.toAbsolutePath();
        } catch (IOException e) {
            throw new HsmException(
                    HsmException.Kind.MISCONFIGURED, "the token cannot be copied to " + to + ": " + e.getMessage(), e);
        }
    }

    /** Puts a copy back where this process's SoftHSM looks for tokens; a token that is there is never written over. */
    public static void putBack(Path copy) {
        try (Stream<Path> tokens = Files.list(copy.resolve("tokens"))) {
            Path into = tokenDirectory();
            for (Path token : tokens.toList()) {
                Path target = into.resolve(token.getFileName().toString());
                if (Files.exists(target)) {
                    throw HsmException.misconfigured("the token is there: " + target + "; nothing was written over");
                }
                Path coming = into.resolve(".coming-" + token.getFileName());
                removeTree(coming); // of a try that was broken off
                copyTree(token, coming);
                toDisk(coming);
                Path unused = Files.move(coming, target, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
                force(into);
            }
        } catch (IOException e) {
            throw new HsmException(
                    HsmException.Kind.MISCONFIGURED,
                    "the copy in " + copy + " cannot be put back: " + e.getMessage(),
                    e);
        }
    }

    /** SoftHSM names a token's folder by a UUID whose end is the serial number. */
    private static Path tokenFolder(String serial) throws IOException {
        Path directory = tokenDirectory();
        try (Stream<Path> folders = Files.list(directory)) {
            return folders.filter(folder ->
                            folder.getFileName().toString().replace("-", "").endsWith(serial))
                    .findFirst()
                    .orElseThrow(() -> HsmException.misconfigured(
                            "no folder in " + directory + " is that of the token with serial " + serial));
        }
    }

    private static Path tokenDirectory() throws IOException {
        Path conf = Stream.of(
                        Optional.ofNullable(System.getenv("SOFTHSM2_CONF")).map(Path::of),
                        Optional.of(Path.of(System.getProperty("user.home"), ".config/softhsm2/softhsm2.conf")),
                        Optional.of(Path.of("/etc/softhsm/softhsm2.conf")))
                .flatMap(Optional::stream)
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> HsmException.misconfigured("no softhsm2.conf was found; set SOFTHSM2_CONF"));
        for (String line : Files.readAllLines(conf)) {
            String[] parts = line.split("=", 2);
            if (parts.length == 2 && parts[0].strip().equals(SETTING)) {
                return Path.of(parts[1].strip());
            }
        }
        throw HsmException.misconfigured(conf + " has no " + SETTING);
    }

    private static void removeTree(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            List<Path> sorted = all.sorted().toList();
            for (Path each : sorted) {
                Path target =
                        to.resolve(Objects.requireNonNull(from.relativize(each)).toString());
                Path unused = Files.copy(each, target, java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    /** A token that a power cut takes may be the only copy: waits until all below the folder is on the disk, and its name. */
    private static void toDisk(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.toList()) {
                force(each);
            }
        }
        force(Objects.requireNonNull(folder.toAbsolutePath().getParent()));
    }

    private static void force(Path place) throws IOException {
        try (FileChannel channel = FileChannel.open(place, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
