package io.chancery.conformance;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** SoftHSM tokens beside a PKI, all with one PIN, and {@code chancery hsm} on them; the CA's processes see them, too. */
final class HsmTokens {
    private final StepPki pki;
    private final Path pin;

    private HsmTokens(StepPki pki, Path pin) {
        this.pki = pki;
        this.pin = pin;
    }

    static HsmTokens beside(StepPki pki) throws Exception {
        Files.createDirectories(pki.file("tokens"));
        Path conf = Files.writeString(
                pki.file("softhsm2.conf"),
                "directories.tokendir = " + pki.file("tokens") + "\nobjectstore.backend = file\nlog.level = ERROR\n");
        pki.environment("SOFTHSM2_CONF", conf.toString());
        Path pin = Files.writeString(pki.file("pin"), "pin-of-the-tests\n", StandardCharsets.US_ASCII);
        return new HsmTokens(pki, Files.setPosixFilePermissions(pin, PosixFilePermissions.fromString("rw-------")));
    }

    /** Standard output and error together. */
    Commands.Result hsm(String verb, String... arguments) throws Exception {
        return Commands.run(
                pki.folder(), pki.environment(), words(verb, arguments).toArray(String[]::new));
    }

    /** As above, with "yes" typed whenever something is asked. */
    Commands.Result confirmed(String verb, String... arguments) throws Exception {
        List<String> words = new ArrayList<>(List.of("sh", "-c", "yes yes | \"$@\"", "sh"));
        words.addAll(words(verb, arguments));
        return Commands.run(pki.folder(), pki.environment(), words.toArray(String[]::new));
    }

    private static List<String> words(String verb, String... arguments) {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("chancery.home"), "bin/chancery").toString(), "hsm", verb));
        words.addAll(List.of(arguments));
        return words;
    }

    void init(String label) throws Exception {
        hsm(
                        "init-token",
                        "--module=" + TokenPki.library(),
                        "--label=" + label,
                        "--pin=file:" + pin,
                        "--so-pin=file:" + pin)
                .succeeded();
    }

    String kms(String token, String object) {
        return "pkcs11:module-path=" + TokenPki.library() + ";token=" + token + ";object=" + object + "?pin-source="
                + pin;
    }

    /** The PEM that the verb printed, in a file beside the PKI. */
    Path pem(String file, String verb, String... arguments) throws Exception {
        String output = hsm(verb, arguments).succeeded().output();
        return Files.writeString(pki.file(file), output.substring(output.indexOf("-----BEGIN")));
    }

    /** Lets ca.json name this key and its certificate, as somebody writes it who has the CA sign with it from now on. */
    void issueWith(String token, String object, Path certificate) throws Exception {
        pki.set("crt", certificate.toString());
        pki.set("key", "pkcs11:object=" + object);
        pki.set(
                "kms",
                Map.of(
                        "type",
                        "pkcs11",
                        "uri",
                        "pkcs11:module-path=" + TokenPki.library() + ";token=" + token + "?pin-source=" + pin));
    }
}
