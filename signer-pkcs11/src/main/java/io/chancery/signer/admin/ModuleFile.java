package io.chancery.signer.admin;

import io.chancery.signer.hsm.HsmException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Where PKCS#11 libraries are. */
public final class ModuleFile {
    private static final List<String> FOLDERS = List.of(
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu",
            "/usr/lib64",
            "/usr/lib",
            "/usr/local/lib",
            "/usr/lib/softhsm",
            "/usr/lib/x86_64-linux-gnu/pkcs11",
            "/usr/lib64/pkcs11",
            "/usr/lib/pkcs11");

    /** What the makers call them; a path of its own for those that install elsewhere. */
    private static final List<String> KNOWN = List.of(
            "libsofthsm2.so",
            "softhsm/libsofthsm2.so",
            "libykcs11.so",
            "pkcs11/yubihsm_pkcs11.so",
            "libtpm2_pkcs11.so",
            "libopencryptoki.so",
            "opencryptoki/libopencryptoki.so",
            "opensc-pkcs11.so",
            "p11-kit-proxy.so",
            "libsc-hsm-pkcs11.so",
            "/opt/nfast/toolkits/pkcs11/libcknfast.so",
            "/usr/safenet/lunaclient/lib/libCryptoki2_64.so",
            "/opt/cloudhsm/lib/libcloudhsm_pkcs11.so",
            "/opt/utimaco/lib/libcs_pkcs11_R3.so");

    private ModuleFile() {}

    /** The absolute path; a bare name is looked for where libraries are. HsmException MISCONFIGURED when there is none. */
    public static String resolve(String modulePath) {
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

    /** Those of the known libraries that are installed, each once. */
    public static List<String> installed() {
        return KNOWN.stream()
                .flatMap(name -> name.startsWith("/")
                        ? Stream.of(Path.of(name))
                        : FOLDERS.stream().map(folder -> Path.of(folder, name)))
                .filter(Files::exists)
                .map(ModuleFile::real)
                .distinct()
                .toList();
    }

    private static String real(Path path) {
        try {
            return path.toRealPath().toString();
        } catch (java.io.IOException e) {
            return path.toString();
        }
    }
}
