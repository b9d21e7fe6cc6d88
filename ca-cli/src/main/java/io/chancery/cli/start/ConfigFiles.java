package io.chancery.cli.start;

import io.chancery.cli.UsageException;
import io.chancery.cluster.members.NodeFacts;
import io.chancery.core.config.CaConfig;
import io.chancery.core.config.ChanceryConfig;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Sha256;
import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * ca.json and the chancery.json beside it, read and checked together.
 *
 * @param file of ca.json
 * @param hashes of what stood in them
 * @param whoGetsWhat as {@link WhoGetsWhat} has it
 */
public record ConfigFiles(Path file, CaConfig ca, ChanceryConfig chancery, NodeFacts.Files hashes, Sha256 whoGetsWhat) {
    /**
     * Reads both, prints every problem, and goes on if none of them stops the start.
     *
     * @param strict whether warnings stop it too
     * @throws UsageException when something does
     */
    public static ConfigFiles read(Path caJson, boolean strict, PrintStream err) throws UsageException {
        return new ConfigReading(caJson).read(strict, (draft, found) -> Optional.of(draft.files()), err::println);
    }

    /** Where the key of ca.json's issuer is that the CA uses. */
    public String issuerKey() {
        return issuersPlace().reference();
    }

    /** What that one does not repeat, where it is a {@code pkcs11:} key. */
    public Optional<String> kmsUri() {
        return issuersPlace().kmsUri();
    }

    private KeyedIssuer.KeyPlace issuersPlace() {
        return entryWithIssuersKey().flatMap(entry -> keyPlace(entry, true)).orElseGet(this::standingPlace);
    }

    /**
     * The entry of chancery.json#/issuers that says where the key of ca.json's issuer is: the one with its certificate, if it
     * names a key. What ca.json and chancery.json#/kms say of the key is for nothing then. Empty, too, while the certificates
     * that would show it cannot be read.
     */
    public Optional<ChanceryConfig.IssuerEntry> entryWithIssuersKey() {
        if (chancery.issuers().isEmpty()) {
            return Optional.empty();
        }
        Optional<X509Certificate> issuer = certificate(ca.pki().crt());
        return chancery.issuers().stream()
                .filter(entry -> issuer.isPresent() && certificate(entry.crt()).equals(issuer))
                .findFirst()
                .filter(entry -> entry.key().isPresent());
    }

    /** How messages name the key of an entry. */
    public String pointerToKey(ChanceryConfig.IssuerEntry entry) {
        return "/issuers/" + chancery.issuers().indexOf(entry) + "/key";
    }

    private static Optional<X509Certificate> certificate(Path file) {
        try {
            return Optional.of(CertificateFiles.read(file).get(0));
        } catch (UsageException e) {
            return Optional.empty();
        }
    }

    /**
     * Where this node has the key of an issuer of chancery.json; empty where it does not have it.
     *
     * @param ofCaJson whether it is ca.json's
     */
    Optional<KeyedIssuer.KeyPlace> keyPlace(ChanceryConfig.IssuerEntry entry, boolean ofCaJson) {
        if (entry.key().isEmpty() && ofCaJson) {
            return Optional.of(standingPlace());
        }
        return entry.key()
                .map(reference -> new KeyedIssuer.KeyPlace(
                        reference, entry.kmsUri(), Optional.empty(), entry.passwordFile(), false));
    }

    /** Where the key of ca.json's issuer is unless its entry says so: this node's own place of it wins over ca.json's. */
    KeyedIssuer.KeyPlace standingPlace() {
        String key = chancery.kms().key().orElse(ca.pki().key());
        Optional<String> kmsUri = chancery.kms().uri().or(() -> ca.kms().uri());
        return new KeyedIssuer.KeyPlace(key, kmsUri, kmsPin(key, kmsUri), Optional.empty(), true);
    }

    /** ca.json's kms.pin, where it is for the token with that key. */
    private Optional<Secret> kmsPin(String key, Optional<String> kmsUri) {
        if (!Pkcs11Uri.isPkcs11(key)) {
            return ca.kms().pin();
        }
        try {
            return kmsPin(Pkcs11Uri.of(key, kmsUri));
        } catch (IllegalArgumentException e) {
            return ca.kms().pin(); // whoever opens the key says what is wrong
        }
    }

    /** As above, for a key and its token: it stands beside ca.json's kms.uri, and to another token it would be a wrong one. */
    public Optional<Secret> kmsPin(Pkcs11Uri key) {
        boolean elsewhere = ca.kms()
                .uri()
                .filter(Pkcs11Uri::isPkcs11)
                .map(Pkcs11Uri::parse)
                .filter(key::namesAnotherTokenThan)
                .isPresent();
        return elsewhere ? Optional.empty() : ca.kms().pin();
    }

    /** Reads the certificates of an entry of chancery.json#/issuers, by its index. */
    interface Chains {
        List<X509Certificate> read(int index) throws UsageException;
    }

    private List<X509Certificate> chain(int index) throws UsageException {
        return CertificateFiles.read(chancery.issuers().get(index).crt());
    }

    /**
     * Which of the two the PIN of a key itself stands in; empty when it is elsewhere.
     *
     * @param ofEntry whether an issuer of chancery.json names the key
     * @param kmsPin whether ca.json's kms.pin is for it
     */
    public Optional<Path> fileWithPin(Pkcs11Uri key, boolean ofEntry, boolean kmsPin) {
        if (key.pinSource().isPresent()) {
            return Optional.empty();
        }
        if (!key.holdsPin()) {
            return kmsPin ? Optional.of(file) : Optional.empty();
        }
        boolean own = ofEntry
                || Stream.of(chancery.kms().uri(), chancery.kms().key())
                        .flatMap(Optional::stream)
                        .filter(Pkcs11Uri::isPkcs11)
                        .anyMatch(each -> Pkcs11Uri.parse(each).holdsPin());
        return Optional.of(own ? file.resolveSibling("chancery.json") : file);
    }

    /**
     * How the key of ca.json's issuer signs.
     *
     * @throws UsageException when what chancery.json says does not fit it
     */
    public SignatureScheme issuerScheme(X509Certificate issuer) throws UsageException {
        return issuerScheme(issuer, this::chain);
    }

    /** As above, with certificates that may have been read already. */
    SignatureScheme issuerScheme(X509Certificate issuer, Chains chains) throws UsageException {
        List<ChanceryConfig.IssuerEntry> entries = chancery.issuers();
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i)
                            .urls()
                            .flatMap(ChanceryConfig.Certificates::signatureAlgorithm)
                            .isPresent()
                    && chains.read(i).get(0).equals(issuer)) {
                return entryScheme(issuer, i);
            }
        }
        return scheme(issuer, chancery.certificates(), "");
    }

    /**
     * How the key of an issuer of chancery.json signs: ca.json's own settings are not for it.
     *
     * @throws UsageException when what chancery.json says does not fit it
     */
    public SignatureScheme issuerScheme(X509Certificate issuer, ChanceryConfig.IssuerEntry entry)
            throws UsageException {
        return CertificateFiles.read(ca.pki().crt()).get(0).equals(issuer)
                ? issuerScheme(issuer)
                : entryScheme(issuer, chancery.issuers().indexOf(entry));
    }

    /** As above, of one that is not ca.json's. */
    SignatureScheme entryScheme(X509Certificate issuer, int index) throws UsageException {
        return scheme(
                issuer,
                chancery.issuers().get(index).urls().orElse(ChanceryConfig.Certificates.PLAIN),
                "/issuers/" + index);
    }

    /**
     * How an issuer's key signs: as its settings say, else as step-ca would.
     *
     * @param pointer of the object that has the settings as its {@code certificates}
     */
    private static SignatureScheme scheme(X509Certificate issuer, ChanceryConfig.Certificates settings, String pointer)
            throws UsageException {
        try {
            return settings.signatureAlgorithm().isPresent()
                    ? settings.signatureAlgorithm().get().fitting(issuer.getPublicKey())
                    : SignatureScheme.defaultFor(issuer);
        } catch (IllegalArgumentException e) {
            throw ConfigException.ofChanceryJson(
                    pointer + "/certificates/signatureAlgorithm",
                    settings.signatureAlgorithm().map(SignatureScheme::text).orElse("nothing")
                            + ", which does not fit the key of " + issuer.getSubjectX500Principal(),
                    SignatureScheme.namesFor(issuer.getPublicKey()));
        }
    }
}
