package io.chancery.cli.start;

import io.chancery.cli.Surroundings;
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
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
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
        return read(caJson, strict, err::println);
    }

    /** As above, with each problem given to a consumer. */
    static ConfigFiles read(Path caJson, boolean strict, Consumer<String> problemLine) throws UsageException {
        return new ConfigReading(caJson).read(strict, draft -> List.of(), problemLine);
    }

    /** As the first one, with whatever else a start of that role would stop at among the problems. */
    static ConfigFiles forStart(Path caJson, boolean strict, Ca.Role role, Surroundings surroundings)
            throws UsageException {
        return new ConfigReading(caJson)
                .read(
                        strict,
                        draft -> StartProblems.of(
                                draft, role, surroundings.clock().instant()),
                        surroundings.err()::println);
    }

    /** As {@link #forStart}, for a process that has its keys, its bus and its store. */
    static ConfigFiles forReload(Path caJson, boolean strict, Ca.Role role, Instant now, Consumer<String> problemLine)
            throws UsageException {
        return new ConfigReading(caJson)
                .read(strict, draft -> StartProblems.whileRunning(draft, role, now), problemLine);
    }

    /** Where the issuer's key is: this node's own place of it wins over ca.json's. */
    public String issuerKey() {
        return chancery.kms().key().orElse(ca.pki().key());
    }

    /** What a {@code pkcs11:} key does not repeat; this node's own wins over ca.json's. */
    public Optional<String> kmsUri() {
        return chancery.kms().uri().or(() -> ca.kms().uri());
    }

    /** ca.json's kms.pin, where it is for the token with the issuer's key. */
    Optional<Secret> kmsPin() {
        if (!Pkcs11Uri.isPkcs11(issuerKey())) {
            return ca.kms().pin();
        }
        try {
            return kmsPin(Pkcs11Uri.of(issuerKey(), kmsUri()));
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
        List<ChanceryConfig.IssuerEntry> entries = chancery.issuers();
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i)
                            .urls()
                            .flatMap(ChanceryConfig.Certificates::signatureAlgorithm)
                            .isPresent()
                    && CertificateFiles.read(entries.get(i).crt()).get(0).equals(issuer)) {
                return scheme(issuer, entries.get(i).urls().get(), "/issuers/" + i);
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
                : scheme(
                        issuer,
                        entry.urls().orElse(ChanceryConfig.Certificates.PLAIN),
                        "/issuers/" + chancery.issuers().indexOf(entry));
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
