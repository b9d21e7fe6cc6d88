package io.chancery.cli.hsm;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cli.start.ConfigFiles;
import io.chancery.core.secret.Secret;
import io.chancery.signer.admin.KeyChecks;
import io.chancery.signer.admin.KeyImport;
import io.chancery.signer.admin.ManagedKey;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.io.IOException;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * The steps from a key file to a token. Until the last file is moved into its place nothing that a CA uses has changed;
 * what fails later takes back the file, and what fails at all takes the key off the token again.
 */
final class KeyLoad {
    /** In order. */
    enum Step {
        IMPORTED,
        CERTIFICATE_WRITTEN,
        PROBED,
        OLD_FILE_KEPT,
        CONFIGURATION_REPLACED,
        CONFIGURATION_READ
    }

    /** Hears of each step when it is done. */
    interface Observer {
        void done(Step step);
    }

    private final ConfigFiles files;
    private final Path caJson;
    private final Pkcs11Uri uri;
    private final Surroundings surroundings;
    private final Observer observer;
    /** Whether a configuration that names the token's key could not be taken back. */
    private boolean pointsToToken;

    /**
     * @param uri the whole of it: token, PIN and the key's label
     */
    KeyLoad(ConfigFiles files, Path caJson, Pkcs11Uri uri, Surroundings surroundings, Observer observer) {
        this.files = files;
        this.caJson = caJson;
        this.uri = uri;
        this.surroundings = surroundings;
        this.observer = observer;
    }

    /** Answers where the old configuration file is kept. */
    Path run(PrivateKey key, X509Certificate certificate, Secret pin) throws IOException, UsageException {
        try (TokenSession session = KnownPins.of(Optional.of(files), surroundings)
                .trying(uri, Optional.of(pin), () -> TokenSession.open(uri, Optional.of(pin)))) {
            // The certificate's public key: an import that signs with it proves that file and certificate belong
            // together.
            ManagedKey imported = KeyImport.run(session, uri, key, certificate.getPublicKey(), surroundings.random());
            try {
                observer.done(Step.IMPORTED);
                imported.writeCertificate(certificate, false);
                observer.done(Step.CERTIFICATE_WRITTEN);
                probe(certificate, pin);
                observer.done(Step.PROBED);
                return rewrite(imported);
            } catch (IOException | UsageException | RuntimeException e) {
                if (!pointsToToken) {
                    surroundings.err().println("the old set-up is as it was");
                    CertifiedImport.takeBack(imported, e, surroundings);
                }
                throw e;
            }
        }
    }

    /** As the signer will. */
    private void probe(X509Certificate certificate, Secret pin) throws UsageException {
        if (!KeyChecks.signsAsTheSigner(
                uri, Optional.of(pin), certificate.getPublicKey(), files.issuerScheme(certificate))) {
            throw HsmException.misconfigured("the token's signature does not verify with the issuer's certificate");
        }
    }

    private Path rewrite(ManagedKey imported) throws IOException, UsageException {
        boolean own = files.chancery().kms().key().isPresent()
                || files.chancery().kms().uri().isPresent();
        ConfigRewrite rewrite =
                new ConfigRewrite(own ? caJson.toAbsolutePath().resolveSibling("chancery.json") : caJson);
        Path kept = rewrite.keepOld(surroundings.clock().instant());
        observer.done(Step.OLD_FILE_KEPT);
        try {
            Pkcs11Uri written = rewrite.pointToToken(own, uri, imported.label(), imported.idHex());
            observer.done(Step.CONFIGURATION_REPLACED);
            ConfigFiles read = ConfigFiles.read(caJson, false, surroundings.err());
            String there =
                    KeyPlace.configured(read).map(Pkcs11Uri::forConfiguration).orElse("");
            if (!there.equals(written.forConfiguration())) {
                throw new UsageException("with the new configuration a CA would not look for " + written);
            }
            observer.done(Step.CONFIGURATION_READ);
            return kept;
        } catch (IOException | UsageException | RuntimeException e) {
            putBack(rewrite, kept, e);
            throw e;
        }
    }

    private void putBack(ConfigRewrite rewrite, Path kept, Exception why) {
        try {
            rewrite.putBack(kept);
        } catch (IOException | RuntimeException e) {
            pointsToToken = true;
            why.addSuppressed(e);
            surroundings
                    .err()
                    .println("the old configuration could not be put back (" + e + "), so the key stays on the token."
                            + " To have the old set-up: mv " + kept + " " + rewrite.file()
                            + " and then chancery hsm delete");
        }
    }
}
