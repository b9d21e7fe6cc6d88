package io.chancery.signer.hsm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Where PKCS#11 libraries are. */
public final class LibraryFile {
    /** Those that a bare file name is looked for in, in this order. */
    public static final List<String> FOLDERS = List.of(
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu",
            "/usr/lib64",
            "/usr/lib",
            "/usr/local/lib",
            "/usr/lib/softhsm",
            "/usr/lib/x86_64-linux-gnu/pkcs11",
            "/usr/lib/aarch64-linux-gnu/pkcs11",
            "/usr/lib64/pkcs11",
            "/usr/lib/pkcs11");

    private LibraryFile() {}

    /**
     * The absolute path that Java wants, with no symbolic link in it: by two names of it, one library would be started
     * again under its own calls. step-ca takes a bare name too and lets the loader search.
     *
     * @throws HsmException MISCONFIGURED when there is no such file, or it cannot be looked at
     */
    public static String path(String modulePath) {
        if (modulePath.indexOf('"') >= 0 || modulePath.indexOf('\n') >= 0) {
            throw HsmException.misconfigured("pkcs11 URI: module-path has a quote or a line break");
        }
        if (modulePath.indexOf('/') >= 0) {
            Path path = Path.of(modulePath).toAbsolutePath().normalize();
            if (!Files.exists(path)) {
                throw HsmException.misconfigured("the PKCS#11 library " + path
                        + " does not exist; chancery hsm modules lists those that are here; for SoftHSM: apt-get install"
                        + " softhsm2");
            }
            return real(path);
        }
        return FOLDERS.stream()
                .map(folder -> Path.of(folder, modulePath))
                .filter(Files::exists)
                .findFirst()
                .map(LibraryFile::real)
                .orElseThrow(() -> HsmException.misconfigured("the PKCS#11 library " + modulePath + " is in none of "
                        + String.join(", ", FOLDERS) + "; name its whole path with module-path="));
    }

    private static String real(Path path) {
        try {
            return path.toRealPath().toString();
        } catch (IOException e) {
            throw new HsmException(
                    HsmException.Kind.MISCONFIGURED, "the PKCS#11 library " + path + " cannot be looked at", e);
        }
    }
}
