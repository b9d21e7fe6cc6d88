package io.chancery.cli.ceremony;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cli.hsm.ImportCommand;
import io.chancery.cli.hsm.PinSource;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.secret.Secret;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * People confirm at this terminal: with a key file or a token that was named for them, after they typed yes, or with a
 * signature that they made elsewhere over the file that is shown.
 */
final class TypedConfirming implements Confirming {
    private final Surroundings surroundings;
    private final BufferedReader typed;
    private final Map<String, String> keys;
    private final Path folder;

    /**
     * @param keys by name: PEM files and pkcs11: URIs
     * @param folder where texts to be signed elsewhere are put
     */
    TypedConfirming(Surroundings surroundings, BufferedReader typed, Map<String, String> keys, Path folder) {
        this.surroundings = surroundings;
        this.typed = typed;
        this.keys = Map.copyOf(keys);
        this.folder = folder;
    }

    @Override
    public Optional<byte[]> confirm(CeremonyPlan.Person person, String text) throws UsageException {
        String key = keys.get(person.name());
        try {
            return key == null ? signedElsewhere(person, text) : signedHere(person, text, key);
        } catch (IOException e) {
            throw new UsageException(person.name() + " could not be asked: " + e.getMessage());
        }
    }

    private Optional<byte[]> signedHere(CeremonyPlan.Person person, String text, String key)
            throws UsageException, IOException {
        String answer = ask(person.name() + ", do you confirm this step? Type yes, or nothing when you are not here");
        if (answer.isEmpty()) {
            return Optional.empty();
        }
        if (!answer.equals("yes")) {
            throw new UsageException(person.name()
                    + " did not confirm; the ceremony ends here. What was done until now is" + " in the transcript");
        }
        Der message = Der.of(text.getBytes(StandardCharsets.UTF_8));
        if (Pkcs11Uri.isPkcs11(key)) {
            return Optional.of(signedOnToken(person, message, Pkcs11Uri.parse(key)));
        }
        try {
            PrivateKey own = ImportCommand.key(Path.of(key), null);
            Signature signature = Signature.getInstance(
                    SignatureScheme.defaultFor(person.key()).jcaName());
            signature.initSign(own);
            signature.update(message.bytes());
            return Optional.of(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new UsageException("the key " + key + " of " + person.name() + " cannot sign: " + e.getMessage());
        }
    }

    private static byte[] signedOnToken(CeremonyPlan.Person person, Der message, Pkcs11Uri uri) throws UsageException {
        Optional<Secret> given = uri.pin();
        try (Secret pin =
                        given.isPresent() ? given.get() : PinSource.read(null, "PIN of the token of " + person.name());
                TokenSession session = TokenSession.open(uri, Optional.of(pin))) {
            return session.key(uri).sign(message).bytes();
        }
    }

    private Optional<byte[]> signedElsewhere(CeremonyPlan.Person person, String text)
            throws UsageException, IOException {
        Path file = Files.writeString(folder.resolve("to-confirm.txt"), text, StandardCharsets.UTF_8);
        String answer = ask(person.name() + ", sign " + file + " with your key ("
                + SignatureScheme.defaultFor(person.key()).jcaName()
                + ") and type the signature in base64, or nothing when you are not here");
        try {
            return answer.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Base64.getDecoder().decode(answer));
        } catch (IllegalArgumentException e) {
            throw new UsageException("what was typed for " + person.name() + " is not base64; the ceremony ends here");
        }
    }

    private String ask(String question) throws IOException {
        surroundings.err().print(question + ": ");
        surroundings.err().flush();
        String line = typed.readLine();
        return line == null ? "" : line.strip();
    }
}
