package io.chancery.signer.hsm;

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
     * The absolute path that Java wants; step-ca takes a bare name too and lets the loader search.
     *
     * @throws HsmException MISCONFIGURED when there is no such file
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
            return path.toString();
        }
        return FOLDERS.stream()
                .map(folder -> Path.of(folder, modulePath))
                .filter(Files::exists)
                .findFirst()
                .map(Path::toString)
                .orElseThrow(() -> HsmException.misconfigured("the PKCS#11 library " + modulePath + " is in none of "
                        + String.join(", ", FOLDERS) + "; name its whole path with module-path="));
    }
}
