package io.chancery.signer.admin;

import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Whether the file with the PIN, or the configuration in which it stands, is its owner's alone. */
final class PinFileCheck {
    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private static final String ROOT = "root";
    private static final String CREDENTIALS = "/run/credentials";

    private PinFileCheck() {}

    /**
     * @param fileWithPin the configuration file in which the PIN itself stands; empty when it is elsewhere
     * @param pinGiven whether the PIN was said apart from the file: one that is not there may then be a service's own
     */
    static void run(Pkcs11Uri uri, Optional<Path> fileWithPin, boolean pinGiven, Findings findings) {
        Optional<Path> file;
        try {
            file = uri.pinFile().or(() -> fileWithPin);
        } catch (HsmException e) {
            findings.failed("pin-file", e, "write pin-source as a plain path: pin-source=/etc/chancery/pin");
            return;
        }
        if (file.isEmpty()) {
            findings.skip("pin-file", "the PIN is in no file that is named here");
            return;
        }
        if (pinGiven && !Files.exists(file.get(), LinkOption.NOFOLLOW_LINKS)) {
            findings.skip(
                    "pin-file",
                    file.get() + " is not there for this process, and the PIN was given with --pin: systemd shows a"
                            + " credential to its service alone");
            return;
        }
        look(file.get(), findings);
    }

    private static void look(Path file, Findings findings) {
        try {
            String owner = Files.getOwner(file).getName();
            boolean credential = isCredential(file, owner, Optional.ofNullable(System.getenv("CREDENTIALS_DIRECTORY")));
            if (isOpen(Files.getPosixFilePermissions(file), credential)) {
                findings.failed(
                        "pin-file",
                        file + " can be read or written by others than its owner",
                        "chmod 600 " + file + ", and change the PIN if others may have read it");
            } else if (!isTrusted(owner, ProcessHandle.current().info().user().orElse(ROOT))) {
                findings.failed(
                        "pin-file",
                        file + " belongs to " + owner + ", who can read and change it",
                        "chown it to the user that the CA runs as, and change the PIN");
            } else {
                findings.ok("pin-file", file + " is its owner's alone, of " + owner);
            }
        } catch (IOException | UnsupportedOperationException e) {
            boolean there = Files.exists(file, LinkOption.NOFOLLOW_LINKS);
            findings.failed(
                    "pin-file",
                    file + (there ? " cannot be looked at by this user" : " does not exist"),
                    there ? "run this as the user that the CA runs as" : "write the PIN there, and chmod 600");
        }
    }

    /** Whether others than its owner, and a credential's service, can read or write it. */
    static boolean isOpen(Set<PosixFilePermission> permissions, boolean credential) {
        return permissions.stream()
                .filter(OTHERS::contains)
                .anyMatch(each -> !(credential && each == PosixFilePermission.GROUP_READ));
    }

    /**
     * Whether systemd has put it there for a service: it is root's, in a folder of the service alone, and an access list lets
     * the service's user read it, whose mask shows as the group's permissions.
     *
     * @param folder as systemd tells a service; other processes find it below {@value #CREDENTIALS}
     */
    static boolean isCredential(Path file, String owner, Optional<String> folder) {
        Path place = file.toAbsolutePath().normalize();
        return owner.equals(ROOT)
                && (place.startsWith(CREDENTIALS)
                        || folder.map(Path::of).filter(place::startsWith).isPresent());
    }

    /** Root, who is no user of the CA's, cannot tell whose it should be, and is shown whose it is. */
    static boolean isTrusted(String owner, String user) {
        return owner.equals(user) || owner.equals(ROOT) || user.equals(ROOT);
    }
}
