package io.chancery.conformance;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Moves the issuing key of a PKI into a SoftHSM token of its own, as somebody does who leaves key files behind. */
final class TokenPki {
    private static final String LABEL = "issuing";
    private static final List<String> LIBRARIES = List.of(
            "/usr/lib/softhsm/libsofthsm2.so",
            "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
            "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so");

    private TokenPki() {}

    /** Where the token's objects are. */
    static Path tokens(StepPki pki) {
        return pki.file("softhsm/tokens");
    }

    static Path pinFile(StepPki pki) {
        return pki.file("pin");
    }

    /** SoftHSM's. */
    static Path library() {
        return LIBRARIES.stream()
                .map(Path::of)
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("SoftHSM is not installed: apt-get install softhsm2"));
    }

    static StepPki init(Path folder) throws Exception {
        StepPki pki = StepPki.init(folder);
        String library = library().toString();
        Path script = Path.of(System.getProperty("chancery.home"), "softhsm/init-token.sh");
        run(
                pki,
                script.toString(),
                pki.file("softhsm").toString(),
                LABEL,
                pinFile(pki).toString(),
                pki.file("so-pin").toString());
        pki.environment("SOFTHSM2_CONF", pki.file("softhsm/softhsm2.conf").toString());
        moveKey(pki, library);
        Map<String, Object> ca = JSONObjectUtils.parse(StepPki.text(pki.caJson()));
        ca.put("key", "pkcs11:object=" + LABEL);
        ca.put(
                "kms",
                Map.of(
                        "type",
                        "pkcs11",
                        "uri",
                        "pkcs11:module-path=" + library + ";token=" + LABEL + "?pin-source=" + pinFile(pki)));
        Files.writeString(pki.caJson(), JSONObjectUtils.toJSONString(ca), StandardCharsets.UTF_8);
        return pki;
    }

    private static void moveKey(StepPki pki, String library) throws IOException, InterruptedException {
        String pin = StepPki.text(pinFile(pki)).strip();
        String plain = pki.file("issuing.p8").toString();
        String certificate = pki.file("issuing.der").toString();
        Path key = pki.file("step/secrets/intermediate_ca_key");
        run(
                pki,
                "openssl",
                "pkcs8",
                "-topk8",
                "-nocrypt",
                "-in",
                key.toString(),
                "-passin",
                "file:" + pki.password(),
                "-out",
                plain);
        run(pki, "openssl", "x509", "-in", pki.intermediate().toString(), "-outform", "DER", "-out", certificate);
        run(pki, "softhsm2-util", "--import", plain, "--token", LABEL, "--label", LABEL, "--id", "01", "--pin", pin);
        run(
                pki,
                "pkcs11-tool",
                "--module",
                library,
                "--token-label",
                LABEL,
                "--login",
                "--pin",
                pin,
                "--write-object",
                certificate,
                "--type",
                "cert",
                "--id",
                "01",
                "--label",
                LABEL);
        Files.delete(Path.of(plain));
        Files.delete(key);
    }

    private static void run(StepPki pki, String... command) throws IOException, InterruptedException {
        Commands.run(pki.folder(), pki.environment(), command).succeeded();
    }
}
