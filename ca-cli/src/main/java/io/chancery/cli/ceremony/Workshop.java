package io.chancery.cli.ceremony;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cli.WholeFiles;
import io.chancery.cli.ceremony.CeremonyPlan.Authority;
import io.chancery.cli.ceremony.CeremonyPlan.KeyPlan;
import io.chancery.cli.hsm.PemFiles;
import io.chancery.cli.hsm.PinSource;
import io.chancery.core.der.Sha256;
import io.chancery.core.secret.Secret;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/** What the steps of a ceremony share: the tokens' PINs, the certificates made so far, and the folder for results. */
final class Workshop implements AutoCloseable {
    private static final int ID_OCTETS = 20;

    private final Path folder;
    private final Surroundings surroundings;
    private final Map<String, Secret> pins = new HashMap<>();
    private final Map<String, X509Certificate> certificates = new HashMap<>();
    private final LeftBehind leftBehind;

    Workshop(Path folder, Surroundings surroundings) {
        this.folder = folder;
        this.surroundings = surroundings;
        this.leftBehind = new LeftBehind(folder, surroundings);
    }

    Surroundings surroundings() {
        return surroundings;
    }

    Path folder() {
        return folder;
    }

    TokenSession open(KeyPlan place) throws UsageException {
        return TokenSession.open(uri(place), Optional.of(pin(place)));
    }

    static Pkcs11Uri uri(KeyPlan place) {
        return Pkcs11Uri.parse(place.kms());
    }

    /** Asked for once for each token. */
    Secret pin(KeyPlan place) throws UsageException {
        Pkcs11Uri uri = uri(place);
        String token = uri.modulePath() + "/" + uri.token() + uri.serial() + uri.slotId();
        Secret known = pins.get(token);
        if (known == null) {
            Optional<Secret> source = uri.pin();
            known = source.isPresent()
                    ? source.get()
                    : PinSource.read(null, "PIN of token " + uri.token().orElse(""));
            pins.put(token, known);
        }
        return known;
    }

    /** Where a key that is about to be made will be, its id with it; what it leaves behind is noted before. */
    Pkcs11Uri newKey(KeyPlan place) throws IOException {
        String uri = place.kms();
        if (uri(place).id().isEmpty()) {
            byte[] id = new byte[ID_OCTETS];
            surroundings.random().nextBytes(id);
            int query = uri.indexOf('?') < 0 ? uri.length() : uri.indexOf('?');
            uri = uri.substring(0, query) + ";id=" + HexFormat.of().formatHex(id) + uri.substring(query);
        }
        leftBehind.key(uri);
        return Pkcs11Uri.parse(uri);
    }

    LeftBehind leftBehind() {
        return leftBehind;
    }

    X509Certificate certificate(Authority authority) {
        X509Certificate made = certificates.get(authority.name());
        if (made == null) {
            throw HsmException.misconfigured("the certificate of " + authority.name() + " is not made yet");
        }
        return made;
    }

    /** Keeps a certificate for later steps, as a file too; answers what the transcript says of it. */
    JsonObject keep(Authority authority, X509Certificate certificate) throws IOException, GeneralSecurityException {
        certificates.put(authority.name(), certificate);
        return file(authority.name() + ".crt", PemFiles.pem(certificate))
                .put(
                        "certificateSha256",
                        Sha256.digest(certificate.getEncoded()).hex());
    }

    /** Writes a result, which is on the disk before the transcript says so; answers its name and hash. */
    JsonObject file(String name, String text) throws IOException {
        Path written = Files.writeString(folder.resolve(name), text, StandardCharsets.US_ASCII);
        WholeFiles.toDisk(written);
        WholeFiles.toDisk(folder);
        return new JsonObject().put("file", written.getFileName().toString()).put("sha256", Transcript.sha256(text));
    }

    @Override
    public void close() {
        pins.values().forEach(Secret::close);
    }
}
