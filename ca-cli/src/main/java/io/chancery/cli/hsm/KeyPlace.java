package io.chancery.cli.hsm;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cli.start.ConfigFiles;
import io.chancery.core.config.ChanceryConfig;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.secret.Secret;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which token, which key and which PIN; every verb has them. */
public final class KeyPlace {
    @Option(
            names = "--kms",
            paramLabel = "URI",
            description =
                    "token and key: pkcs11:module-path=FILE;token=LABEL;object=KEY?pin-source=FILE (RFC 7512), as in ca.json")
    @Nullable
    private String kms;

    @Option(
            names = "--config",
            paramLabel = "CA_JSON",
            description = "token and key as this ca.json and its chancery.json name them; --kms wins where both do")
    @Nullable
    private Path config;

    @Option(
            names = "--issuer",
            paramLabel = "NAME",
            description = "with --config: the issuer of that name in chancery.json, in place of ca.json's")
    @Nullable
    private String issuer;

    @Option(
            names = "--pin",
            paramLabel = "SOURCE",
            description = "where the PIN is, when not in the URI: " + PinSource.FORMS)
    @Nullable
    private String pin;

    private Optional<ConfigFiles> read = Optional.empty();
    private boolean warned;

    /** What stands in --config; empty without it. */
    Optional<ConfigFiles> files(Surroundings surroundings) throws UsageException {
        if (read.isEmpty() && config != null) {
            read = Optional.of(ConfigFiles.read(config, false, surroundings.err()));
        }
        return read;
    }

    @Nullable
    Path config() {
        return config;
    }

    boolean namesKms() {
        return kms != null;
    }

    /** From both options together. */
    Pkcs11Uri uri(Surroundings surroundings) throws UsageException {
        Optional<Pkcs11Uri> configured = ofIssuer(surroundings);
        if (kms == null) {
            return configured.orElseThrow(() -> new UsageException(
                    config == null
                            ? "which token? Name it with --kms pkcs11:… or --config CA_JSON"
                            : config + " names no key on a token" + (issuer == null ? "" : " for the issuer " + issuer)
                                    + "; name one with --kms pkcs11:…"));
        }
        Pkcs11Uri named = parse("--kms", kms);
        if (kms.contains("pin-value=") && !warned) {
            warned = true;
            surroundings
                    .err()
                    .println("warning: a PIN in the command line is there for every user of this machine to see while"
                            + " this runs; write it to a file of yours alone and use pin-source=FILE, or --pin");
        }
        return configured.map(named::withDefaults).orElse(named);
    }

    /** The key and token of the issuer that is meant, as the CA reads them. */
    private Optional<Pkcs11Uri> ofIssuer(Surroundings surroundings) throws UsageException {
        Optional<ChanceryConfig.IssuerEntry> entry = entryWithKey(surroundings);
        return entry.isPresent()
                ? placed(entry.get().key().orElseThrow(), entry.get().kmsUri())
                : files(surroundings).flatMap(KeyPlace::configured);
    }

    /** The key that is meant, first, and all others of the node on the same token; itself alone while that cannot be seen. */
    List<Pkcs11Uri> onSameToken(Surroundings surroundings) throws UsageException {
        Pkcs11Uri mine = uri(surroundings);
        List<Pkcs11Uri> all = new ArrayList<>(List.of(mine));
        Optional<String> token = token(mine);
        Optional<ConfigFiles> files = files(surroundings);
        if (token.isEmpty() || files.isEmpty()) {
            return all;
        }
        // --kms stands in the place of the configured one.
        Set<String> seen = new HashSet<>(List.of(mine.toString()));
        ofIssuer(surroundings).map(Pkcs11Uri::toString).ifPresent(seen::add);
        for (Pkcs11Uri other : ofNode(files.get())) {
            if (seen.add(other.toString()) && token(other).equals(token)) {
                all.add(other);
            }
        }
        return all;
    }

    /** Of all issuers with a key on a token, as the CA reads them. */
    static List<Pkcs11Uri> ofNode(ConfigFiles files) {
        List<Pkcs11Uri> keys = new ArrayList<>();
        if (Pkcs11Uri.isPkcs11(files.issuerKey())) {
            configured(files).ifPresent(keys::add);
        }
        for (ChanceryConfig.IssuerEntry entry : files.chancery().issuers()) {
            entry.key()
                    .filter(Pkcs11Uri::isPkcs11)
                    .flatMap(key -> placed(key, entry.kmsUri()))
                    .ifPresent(keys::add);
        }
        return keys;
    }

    /** By which the token is known; empty when there is none that fits. */
    static Optional<String> token(Pkcs11Uri uri) {
        try {
            return Optional.of(KnownPins.identity(uri));
        } catch (HsmException e) {
            return Optional.empty();
        }
    }

    /** The certificates of the issuer that is meant, its own first. Not without --config. */
    Path crt(Surroundings surroundings) throws UsageException {
        Optional<ChanceryConfig.IssuerEntry> entry = entry(surroundings);
        return entry.isPresent()
                ? entry.get().crt()
                : files(surroundings).orElseThrow().ca().pki().crt();
    }

    /** How the configuration has the issuer that is meant sign; empty without one, and where its certificate is still to come. */
    Optional<SignatureScheme> scheme(Surroundings surroundings) throws UsageException {
        Optional<ConfigFiles> files = files(surroundings);
        if (files.isEmpty() || Files.notExists(crt(surroundings))) {
            return Optional.empty();
        }
        X509Certificate certificate = PemFiles.certificate(crt(surroundings));
        Optional<ChanceryConfig.IssuerEntry> entry = entry(surroundings);
        return Optional.of(
                entry.isPresent()
                        ? files.get().issuerScheme(certificate, entry.get())
                        : files.get().issuerScheme(certificate));
    }

    /** For verbs that work with ca.json's issuer alone. */
    void refuseIssuer(String why) throws UsageException {
        if (issuer != null) {
            throw new UsageException("leave out --issuer: " + why);
        }
    }

    private Optional<ChanceryConfig.IssuerEntry> entry(Surroundings surroundings) throws UsageException {
        if (issuer == null) {
            return Optional.empty();
        }
        Optional<ConfigFiles> files = files(surroundings);
        if (files.isEmpty()) {
            throw new UsageException("--issuer names one of the issuers of a chancery.json: add --config CA_JSON");
        }
        List<ChanceryConfig.IssuerEntry> all = files.get().chancery().issuers();
        for (ChanceryConfig.IssuerEntry each : all) {
            if (each.name().equals(issuer)) {
                return Optional.of(each);
            }
        }
        throw new UsageException("--issuer " + issuer + ": chancery.json#/issuers has "
                + (all.isEmpty()
                        ? "none"
                        : all.stream().map(ChanceryConfig.IssuerEntry::name).collect(Collectors.joining(", "))));
    }

    /** Empty when the key is where ca.json or chancery.json#/kms says. */
    private Optional<ChanceryConfig.IssuerEntry> entryWithKey(Surroundings surroundings) throws UsageException {
        Optional<ChanceryConfig.IssuerEntry> entry = entry(surroundings);
        if (entry.isEmpty()) {
            return files(surroundings).flatMap(ConfigFiles::entryWithIssuersKey);
        }
        if (entry.get().key().isPresent()) {
            return entry;
        }
        Path ofCaJson = files(surroundings).orElseThrow().ca().pki().crt();
        if (!PemFiles.certificate(entry.get().crt()).equals(PemFiles.certificate(ofCaJson))) {
            throw new UsageException("the issuer " + issuer + " has no key on this node: chancery.json names none");
        }
        return Optional.empty();
    }

    /** The key of ca.json's issuer and its token as the CA reads them. */
    static Optional<Pkcs11Uri> configured(ConfigFiles files) {
        return placed(files.issuerKey(), files.kmsUri());
    }

    private static Optional<Pkcs11Uri> placed(String key, Optional<String> kmsUri) {
        Optional<String> common = kmsUri.filter(Pkcs11Uri::isPkcs11);
        return Pkcs11Uri.isPkcs11(key) ? Optional.of(Pkcs11Uri.of(key, common)) : common.map(Pkcs11Uri::parse);
    }

    static Pkcs11Uri parse(String option, String text) throws UsageException {
        try {
            return Pkcs11Uri.parse(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException(option + ": " + e.getMessage());
        }
    }

    /** From --pin, else from the URI, else from ca.json's kms.pin, else asked for. The caller closes it. */
    Secret pin(Surroundings surroundings) throws UsageException {
        Pkcs11Uri uri = uri(surroundings);
        String what = "PIN of token " + uri.token().orElse(uri.serial().orElse("in " + uri.modulePath()));
        if (pin != null) {
            return PinSource.read(pin, what);
        }
        Optional<Secret> found = uri.pin();
        if (found.isPresent()) {
            return found.get();
        }
        Optional<Secret> configured = pinOfConfig(surroundings, uri);
        if (configured.isPresent()) {
            return configured.get().copy();
        }
        return PinSource.read(null, what);
    }

    /** ca.json's kms.pin, which is for the token that the files name, and may be a wrong one for another. */
    private Optional<Secret> pinOfConfig(Surroundings surroundings, Pkcs11Uri uri) throws UsageException {
        Optional<ConfigFiles> files = files(surroundings);
        boolean elsewhere = entryWithKey(surroundings).isPresent()
                || files.flatMap(KeyPlace::configured)
                        .filter(uri::namesAnotherTokenThan)
                        .isPresent();
        return elsewhere ? Optional.empty() : files.flatMap(each -> each.kmsPin(uri));
    }

    /**
     * The one that the CA will read at its start, from the URI or ca.json's kms.pin. The caller closes it.
     *
     * @throws UsageException when there is none, when it depends on where the CA is started, with another beside it, or
     *     when --kms holds the PIN itself
     */
    Secret pinOfCa(Surroundings surroundings) throws UsageException {
        Pkcs11Uri uri = uri(surroundings);
        if (pin != null) {
            throw new UsageException(
                    "leave out --pin: what is tried is the PIN that the CA will read, from pin-source");
        }
        if (kms != null && parse("--kms", kms).holdsPin()) {
            throw new UsageException(
                    "leave pin-value out of --kms: the PIN would be written into the configuration, for"
                            + " everybody to read who reads that; write it to a file of the CA's user alone, and use"
                            + " pin-source=FILE");
        }
        String source = uri.pinSource().orElse("/");
        if (!(source.regionMatches(true, 0, "file:", 0, 5) ? source.substring(5) : source).startsWith("/")) {
            throw new UsageException("pin-source=" + source + ": the CA may be started in another folder; write the"
                    + " whole path, from /");
        }
        Optional<Secret> own = uri.pin();
        if (own.isPresent()) {
            return own.get();
        }
        return files(surroundings)
                .flatMap(files -> files.kmsPin(uri))
                .map(Secret::copy)
                .orElseThrow(() ->
                        new UsageException("the CA will need the PIN at each start: add pin-source=FILE to --kms"));
    }

    /** The configuration file in which the PIN itself stands; empty when it is had from elsewhere. */
    Optional<Path> fileWithPin(Surroundings surroundings) throws UsageException {
        Pkcs11Uri uri = uri(surroundings);
        Optional<ConfigFiles> files = files(surroundings);
        boolean given = pin != null || (kms != null && parse("--kms", kms).holdsPin());
        if (files.isEmpty() || given) {
            return Optional.empty();
        }
        boolean kmsPin = pinOfConfig(surroundings, uri).isPresent();
        return files.get().fileWithPin(uri, entryWithKey(surroundings).isPresent(), kmsPin);
    }

    /** Whether --pin says it, and not what the CA reads. */
    boolean isPinGiven() {
        return pin != null;
    }

    /** Whether any of them says where. */
    public boolean isGiven() {
        return kms != null || config != null;
    }

    /** A session that is logged in; the PIN is tried once, unless the node of --config knows it as refused. */
    public TokenSession open(Surroundings surroundings) throws UsageException {
        try (Secret secret = pin(surroundings)) {
            return open(secret, surroundings);
        }
    }

    /** As above, with this PIN. */
    TokenSession open(Secret secret, Surroundings surroundings) throws UsageException {
        Pkcs11Uri uri = uri(surroundings);
        return knownPins(surroundings)
                .trying(uri, Optional.of(secret), () -> TokenSession.open(uri, Optional.of(secret)));
    }

    /** What the node of --config knows of PINs; nothing without it. */
    KnownPins knownPins(Surroundings surroundings) throws UsageException {
        return KnownPins.of(files(surroundings), surroundings);
    }
}
