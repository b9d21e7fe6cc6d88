package io.chancery.signer.admin;

import io.chancery.signer.hsm.LibraryFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The PKCS#11 libraries that are installed here. */
public final class ModuleFile {
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

    /** Those of the known libraries that are installed, each once. */
    public static List<String> installed() {
        return KNOWN.stream()
                .flatMap(name -> name.startsWith("/")
                        ? Stream.of(Path.of(name))
                        : LibraryFile.FOLDERS.stream().map(folder -> Path.of(folder, name)))
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
